package dev.reveille.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A task is on one dispatcher at a time, once, whoever posts it and when. */
final class PostBugsTest {
  private static final int ROUNDS = 2_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Counts its stays, and has state that no lock guards. */
  private static final class Stays extends Task {
    int inits;
    int polls;
    int cleanups;

    Stays() {
      super("stays");
    }

    @Override
    protected void init() {
      inits++;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      polls++;
      return Poll.ready();
    }

    @Override
    protected void cleanup() {
      cleanups++;
    }
  }

  /** Capy: a continuation that is queued twice corrupts the list; pigweed: a debug assert only. */
  @Test
  void aTaskThatIsOnOneDispatcherIsRefusedByAnother() {
    RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));
    Stays task = new Stays();
    loop.post(
        () ->
            assertThatThrownBy(() -> loop.dispatch(task))
                .isInstanceOf(IllegalStateException.class));
    loop.post(task);

    assertThatThrownBy(() -> other.post(task))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'stays'");
    assertThatThrownBy(() -> other.spawn(task)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> rig.elsewhere(() -> loop.post(task)))
        .isInstanceOf(IllegalStateException.class);

    assertThat(other.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(task.polls).isEqualTo(1);
    other.post(task); // after its end it may go there
    other.runUntilStalled();
    assertThat(task.polls).isEqualTo(2);
    assertThat(task.cleanups).isEqualTo(2);
  }

  /** Of two threads that post it at once, to two dispatchers, exactly one succeeds. */
  @Test
  void ofTwoWhoPostOneTaskAtOnceExactlyOneSucceeds() throws Exception {
    RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));
    CyclicBarrier barrier = new CyclicBarrier(2);
    Stays[] tasks = new Stays[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      tasks[i] = new Stays();
    }
    FutureTask<Integer> one = rig.start("one", () -> postAll(tasks, loop, barrier));
    FutureTask<Integer> two = rig.start("two", () -> postAll(tasks, other, barrier));

    int accepted = Rig.await(one) + Rig.await(two);
    loop.runUntilStalled();
    other.runUntilStalled();

    assertThat(accepted).isEqualTo(ROUNDS);
    assertThat(tasks).allMatch(task -> task.polls == 1 && task.cleanups == 1);
  }

  private static int postAll(Stays[] tasks, RunnableDispatcher to, CyclicBarrier barrier)
      throws Exception {
    int accepted = 0;
    barrier.await(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    for (Stays task : tasks) {
      try {
        to.post(task);
        accepted++;
      } catch (IllegalStateException posted) {
        // by the other one: that is the contract; the sum tells whether both believed that
      }
    }
    return accepted;
  }

  /** Pigweed 27ca08135: a re-post while the task started to execute lost the dispatcher. */
  @Test
  void aTaskThatIsPostedAgainTheMomentItHasEndedIsWholeEachTime() throws Exception {
    Stays task = new Stays();
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    for (int i = 0; i < ROUNDS; i++) {
      while (task.isPosted()) {
        Thread.onSpinWait();
      }
      loop.post(task);
    }
    Rig.awaitState("the last stay is over", () -> !task.isPosted());
    loop.stop();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
    assertThat(List.of(task.inits, task.polls, task.cleanups)).containsOnly(ROUNDS);
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  /** Pigweed 5e2fab3da: a task woken while running and then deregistered stayed in the list. */
  @Test
  void aTaskThatIsWokenAndCancelledInItsPollIsListedNoMore() {
    List<String> log = new ArrayList<>();
    Task task =
        new Task("woken and cancelled") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            log.add("poll");
            cx.waker("itself").wake();
            rig.elsewhere(cx.waker("itself")::wake);
            cancel();
            return Poll.pending();
          }

          @Override
          protected void cleanup() {
            log.add("cleanup");
          }
        };
    loop.post(task);

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("poll", "cleanup");
    assertThat(loop.snapshot().tasks()).isEmpty();
    assertThat(loop.snapshot().ready()).isZero();
    loop.post(task);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("poll", "cleanup", "poll", "cleanup");
  }

  /** Pigweed, RunToCompletionIgnoresDeregisteredTask. */
  @Test
  void aTaskThatIsCancelledBeforeTheRunIsNotPolled() {
    Stays task = new Stays();
    loop.post(task);
    task.cancel();

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(task.polls).isZero();
    assertThat(task.isPosted()).isFalse();
  }
}
