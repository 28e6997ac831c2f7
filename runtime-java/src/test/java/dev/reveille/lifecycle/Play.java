package dev.reveille.lifecycle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.TaskSnapshot;
import dev.reveille.Unstarted;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import dev.reveille.lifecycle.Axes.Host;
import dev.reveille.lifecycle.Axes.Joining;
import dev.reveille.lifecycle.Axes.Origin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plays one case, and compares what happened with the {@link Oracle}. */
final class Play {
  /** A service whose close is the last thing that runs on a loop. */
  private record AtClose(Runnable action) implements AutoCloseable {
    @Override
    public void close() {
      action.run();
    }
  }

  private final Cell cell;
  private final Rig rig;
  private final Oracle oracle;
  private final RunnableDispatcher loop;
  private final RunnableDispatcher neighbour;
  private final Subject subject;
  private final Joiner joiner;

  /** Null for a task that was posted, not spawned: then there is nobody who could join. */
  private @Nullable JoinHandle<Complete> handle;

  private Unstarted unstarted = new Unstarted(List.of(), List.of());
  private int events;

  Play(Cell cell, Rig rig) {
    this.cell = cell;
    this.rig = rig;
    this.oracle = new Oracle(cell);
    this.loop = rig.dispatcher();
    this.neighbour = rig.dispatcher(options -> options.withName("neighbour"));
    this.subject = new Subject(cell.kind());
    this.joiner = new Joiner(neighbour);
    subject.atRelease(this::checkAtRelease);
    loop.service(AtClose.class, d -> new AtClose(this::eventAtTheClose));
  }

  Subject subject() {
    return subject;
  }

  @Nullable JoinHandle<Complete> handle() {
    return handle;
  }

  /** From the post to the end and, where the case says so, once more. */
  void play() throws Exception {
    switch (cell.moment()) {
      case BEFORE_FIRST_POLL -> {
        queueTheEvent();
        post();
        changeTheHost();
        eventFromElsewhere();
      }
      case WHILE_QUEUED -> {
        post();
        drive();
        queueTheEvent();
        subject.wake(); // behind the event in the queue
        changeTheHost();
        eventFromElsewhere();
      }
      case WHILE_ASLEEP -> {
        post();
        drive();
        queueTheEvent();
        changeTheHost();
        eventFromElsewhere();
      }
      case WHILE_RUNNING -> {
        post();
        drive();
        subject.duringPoll = this::changeTheHostAndBringTheEvent;
        subject.wake();
      }
    }
    drive();
    checkTheEnd();
    checkThatNothingComesAfterTheEnd();
    if (cell.host() == Host.REPOSTED) {
      playTheNextStay();
    }
  }

  // ------------------------------------------------------------------ acts

  private void post() {
    Task task = subject.task();
    if (task != null && cell.joining() == Joining.DROPPED) {
      loop.post(task);
    } else {
      handle = loop.spawn(Subject.NAME, subject.pollable());
    }
    switch (cell.joining()) {
      case JOINED -> joiner.join(requireNonNull(handle), subject.log);
      case BY_FUTURE -> joiner.joinByFuture(requireNonNull(handle), subject.log);
      case DROPPED, JOINED_LATE -> {}
    }
    checkIsPosted(true);
  }

  private void drive() throws Exception {
    RunOutcome outcome =
        cell.host() == Host.DRIVER_CHANGED
            ? rig.callElsewhere(loop::runUntilStalled)
            : loop.runUntilStalled();
    assertThat(outcome).isIn(RunOutcome.IDLE, RunOutcome.ASLEEP, RunOutcome.CLOSED);
  }

  private void changeTheHost() {
    if (cell.host() == Host.DRAINING) {
      loop.shutdown();
    } else if (cell.host() == Host.CLOSED) {
      if (cell.isRunning()) {
        requestTheClose();
      } else {
        unstarted = loop.shutdownNow();
      }
    }
  }

  /** By another thread, which then waits for the end of the running poll. */
  private void requestTheClose() {
    Thread[] closer = {null};
    var unused =
        rig.start(
            "closer",
            () -> {
              closer[0] = Thread.currentThread();
              return loop.shutdownNow();
            });
    Rig.awaitState(
        "the closer waits",
        () -> closer[0] != null && closer[0].getState() == Thread.State.WAITING);
  }

  // ------------------------------------------------------------------ the event

  private void event() {
    events++;
    if (cell.origin() == Origin.LOOP && cell.host() != Host.CLOSED) {
      checkTheMoment();
    }
    switch (cell.ending()) {
      case COMPLETES -> subject.complete();
      case THROWS -> subject.fail();
      case CANCELLED -> cancel();
    }
  }

  private void cancel() {
    if (handle == null) {
      requireNonNull(subject.task()).cancel();
    } else {
      assertThat(handle.cancel()).isEqualTo(oracle.cancelIsInTime());
      assertThat(handle.cancel()).isFalse();
    }
  }

  /** That the case is what its name says. */
  private void checkTheMoment() {
    TaskSnapshot task =
        loop.snapshot().tasks().stream()
            .filter(t -> t.name().equals(Subject.NAME))
            .findFirst()
            .orElseThrow();
    assertThat(task.state())
        .isEqualTo(
            switch (cell.moment()) {
              case BEFORE_FIRST_POLL, WHILE_QUEUED -> TaskSnapshot.State.QUEUED;
              case WHILE_RUNNING -> TaskSnapshot.State.RUNNING;
              case WHILE_ASLEEP -> TaskSnapshot.State.SLEEPING;
            });
    assertThat(task.polls()).isEqualTo(cell.moment().polls + (cell.isRunning() ? 1 : 0));
  }

  private Task eventAsATask() {
    return new Task("the other task") {
      @Override
      protected Poll<Complete> doPoll(Context cx) {
        event();
        return Poll.ready();
      }
    };
  }

  /** Where the loop itself brings the event: it is queued ahead of the subject. */
  private void queueTheEvent() {
    if (cell.host() != Host.CLOSED) {
      switch (cell.origin()) {
        case LOOP -> loop.post(this::event);
        case OTHER_POLL -> loop.post(eventAsATask());
        case OUTSIDE -> {}
      }
    }
  }

  /** The rest, once everything else is in place. */
  private void eventFromElsewhere() {
    if (cell.origin() == Origin.OUTSIDE) {
      rig.elsewhere(this::event);
    } else if (cell.origin() == Origin.OTHER_POLL && cell.host() == Host.CLOSED) {
      eventFromAnotherLoop();
    }
  }

  private void eventFromAnotherLoop() {
    neighbour.post(eventAsATask());
    rig.elsewhere(neighbour::runUntilStalled);
  }

  private void changeTheHostAndBringTheEvent() {
    changeTheHost();
    switch (cell.origin()) {
      case LOOP -> event();
      case OUTSIDE -> rig.elsewhere(this::event);
      case OTHER_POLL -> {
        if (cell.host() == Host.DRAINING) {
          eventFromAnotherLoop(); // a loop that drains polls no task within another's poll
        } else {
          loop.dispatch(eventAsATask());
        }
      }
    }
    assertThat(events).isEqualTo(1);
  }

  /** The last that runs on a loop is the close of its services. */
  private void eventAtTheClose() {
    if (cell.origin() == Origin.LOOP && cell.isTooLate()) {
      assertThat(loop.onLoop()).isTrue();
      event();
    }
  }

  // ------------------------------------------------------------------ checks

  /**
   * "Order at an end: state, wakers emptied, ... cleanup() exactly once, then those who joined."
   */
  private void checkAtRelease() {
    assertThat(loop.onLoop()).isTrue();
    checkIsPosted(true);
    assertThat(loop.snapshot().tasks()).extracting(TaskSnapshot::name).doesNotContain(Subject.NAME);
    subject.wake(); // does nothing any more
  }

  private void checkIsPosted(boolean posted) {
    if (subject.task() != null) {
      assertThat(subject.task().isPosted()).isEqualTo(posted);
    }
    if (handle != null) {
      assertThat(handle.isDone()).isNotEqualTo(posted);
    }
  }

  private void checkTheEnd() {
    assertThat(events).isEqualTo(1);
    assertThat(subject.log).containsExactlyElementsOf(oracle.log());
    checkIsPosted(false);
    checkUncaught();
    if (cell.joining() == Joining.JOINED_LATE) {
      joiner.joinLate(requireNonNull(handle));
    }
    if (cell.joining() != Joining.DROPPED) {
      joiner.check(oracle.end(), subject.failure);
    }
    if (subject.token != null) {
      assertThat(subject.token.isStopped()).isEqualTo(oracle.stopsTheToken());
    }
    if (oracle.end() == Oracle.End.HANDED_BACK) {
      assertThat(unstarted.tasks()).containsExactly(requireNonNull(subject.task()));
    } else {
      assertThat(unstarted.tasks()).isEmpty();
    }
    assertThat(loop.snapshot().tasks()).isEmpty();
    assertThat(loop.snapshot().ready()).isZero();
    assertThat(loop.isClosed()).isEqualTo(oracle.closesTheDispatcher());
  }

  private void checkUncaught() {
    List<Rig.Uncaught> uncaught = rig.takeUncaught();
    assertThat(uncaught).hasSize(oracle.uncaught());
    for (Rig.Uncaught u : uncaught) {
      assertThat(u).isEqualTo(new Rig.Uncaught(loop, Subject.NAME, subject.failure));
    }
  }

  /** A late wake or cancel, from wherever, finds nobody. */
  private void checkThatNothingComesAfterTheEnd() throws Exception {
    List<String> before = List.copyOf(subject.log);
    lateWakeAndCancel(subject.waker, handle);
    drive();
    assertThat(subject.log).isEqualTo(before);
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  private void lateWakeAndCancel(@Nullable Waker waker, @Nullable JoinHandle<Complete> late) {
    Runnable both =
        () -> {
          if (waker != null) {
            waker.wake();
          }
          if (late != null) {
            assertThat(late.cancel()).isFalse();
          }
        };
    if (loop.isClosed() || cell.origin() == Origin.OUTSIDE) {
      rig.elsewhere(both);
    } else {
      loop.post(both);
    }
  }

  // ------------------------------------------------------------------ the next stay

  /** "a late wake or cancel of one posting can never touch the next one" */
  private void playTheNextStay() throws Exception {
    Waker oldWaker = subject.waker;
    JoinHandle<Complete> oldHandle = handle;
    subject.rewind();
    JoinHandle<Complete> next = loop.spawn(Subject.NAME, subject.pollable());
    handle = next;
    lateWakeAndCancel(oldWaker, oldHandle); // while the next one is queued
    drive();
    lateWakeAndCancel(oldWaker, oldHandle); // while it sleeps
    drive();

    assertThat(subject.waker).isNotSameAs(oldWaker);
    assertThat(subject.log)
        .isEqualTo(subject.isTask() ? List.of(Oracle.INIT, Oracle.POLL) : List.of(Oracle.POLL));
    assertThat(requireNonNull(subject.token).isStopped()).isFalse();
    checkIsPosted(true);

    subject.complete();
    drive();
    assertThat(subject.log)
        .isEqualTo(
            subject.isTask()
                ? List.of(Oracle.INIT, Oracle.POLL, Oracle.POLL, Oracle.CLEANUP)
                : List.of(Oracle.POLL, Oracle.POLL));
    assertThat(next.toCompletableFuture()).isCompletedWithValue(Complete.COMPLETE);
    checkIsPosted(false);
  }
}
