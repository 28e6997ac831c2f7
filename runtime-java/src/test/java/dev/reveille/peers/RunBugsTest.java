package dev.reveille.peers;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.TaskSnapshot;
import dev.reveille.Ticker;
import dev.reveille.Timer;
import dev.reveille.Waker;
import dev.reveille.WorkGuard;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a run returns, when it must not, and what the next one finds. */
final class RunBugsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ no residue

  /** Asio: after it ran out of work, run() returns at once until restart() (boostorg/asio #219). */
  @Test
  void aRunThatHasRunOutOfWorkMayBeCalledAgainWithoutARestart() {
    for (int i = 0; i < 3; i++) {
      String name = "work " + i;
      loop.post(() -> log.add(name));
      assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
      assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    }

    assertThat(log).containsExactly("work 0", "work 1", "work 2");
  }

  /** Asio: stop() is sticky, and everything returns at once until restart() (Asio #21, #1757). */
  @Test
  void howeverOftenStopIsCalledOneRunIsEndedByIt() {
    loop.post(() -> log.add("work"));
    loop.stop();
    loop.stop();
    rig.elsewhere(loop::stop);

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);
    assertThat(log).isEmpty();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("work");
  }

  /** Capy's thread_pool: stop() abandons the queue. Here it drops nothing, timers neither. */
  @Test
  void aStopInTheMiddleOfABatchLeavesTheRestForTheNextRunInItsOrder() {
    loop.postAfter(Duration.ofSeconds(1), () -> log.add("timed"));
    loop.post(() -> log.add("first"));
    loop.post(loop::stop);
    loop.post(() -> log.add("second"));
    loop.post(() -> log.add("third"));

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);
    assertThat(log).containsExactly("first");
    rig.time().advance(Duration.ofSeconds(1));

    assertThat(log).containsExactly("first", "second", "third", "timed");
  }

  /** async-executor #104: tasks were stuck in the local queue of the thread that ran before. */
  @Test
  void whatOneDriverLeftInItsQueueIsRunByTheNext() throws Exception {
    for (String name : List.of("first", "second", "third")) {
      loop.post(() -> log.add(name + " on " + Thread.currentThread().getName()));
      loop.post(loop::stop);
    }

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);
    assertThat(rig.callElsewhere(loop::run)).isEqualTo(RunOutcome.STOPPED);
    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);

    String me = Thread.currentThread().getName();
    assertThat(log).containsExactly("first on " + me, "second on elsewhere", "third on " + me);
  }

  /** What a clock throws ends the run that asked it, but not the dispatcher. */
  @Test
  void aRunThatEndsByAnExceptionGivesTheRoleBack() {
    boolean[] broken = {false};
    Ticker ticker =
        () -> {
          if (broken[0]) {
            throw new IllegalStateException("the clock is broken");
          }
          return 0;
        };
    RunnableDispatcher other = rig.dispatcher(options -> options.withTicker(ticker));
    other.post(() -> log.add("work"));
    broken[0] = true;
    assertThatThrownBy(other::runUntilStalled).hasMessage("the clock is broken");
    assertThat(other.onLoop()).isFalse();
    broken[0] = false;

    assertThat(other.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("work");
  }

  // ------------------------------------------------------------------ work is counted to its end

  /** Corosio 9e22ae2: the count went down before the completion ran, and run() returned early. */
  @Test
  void whatTheEndOfTheLastTaskBringsAboutIsRunBeforeTheRunReturns() {
    Task last =
        new Task("last") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            loop.post(() -> log.add("posted by the last poll"));
            return Poll.ready();
          }

          @Override
          protected void cleanup() {
            loop.post(() -> log.add("posted by the cleanup"));
          }
        };
    var unused =
        loop.spawn(last)
            .toCompletableFuture()
            .thenRun(() -> loop.post(() -> log.add("posted by who joined")));

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(log)
        .containsExactly(
            "posted by the last poll", "posted by the cleanup", "posted by who joined");
  }

  /** Corosio 01c22b7: "consumes one, produces N". */
  @Test
  void aTaskIsOnTheDispatcherUntilItsLastPollIsOver() {
    loop.spawn(
        "last",
        cx -> {
          loop.snapshot().tasks().forEach(t -> log.add(t.name() + " " + t.state()));
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(log).containsExactly("last " + TaskSnapshot.State.RUNNING);
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  /** Capy #134: run() returned while a task slept, because starting it was not counted as work. */
  @Test
  void aSleepingTaskKeepsTheRunAndItsCancelFromOutsideEndsIt() throws Exception {
    JoinHandle<Object> handle = loop.spawn("sleeper", cx -> cx.park());
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
    assertThat(driving.isRunning()).isTrue();

    handle.cancel(); // pigweed: deregistering the last task wakes the dispatcher

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  /** Pigweed, RunToCompletionUntilReleasedMultipleTimes. */
  @Test
  void aGuardKeepsEachRunUntilItIsClosed() throws Exception {
    for (int i = 0; i < 3; i++) {
      WorkGuard guard = loop.workGuard();
      Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
      guard.close();
      assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    }
  }

  // ------------------------------------------------------------------ runs for a time

  /** Corosio 412e747: a deadline that had passed skipped the logic altogether. */
  @Test
  void aRunWhoseTimeIsUpLooksOnceAtInboxAndTimersAndRunsNothing() {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ZERO);
    rig.elsewhere(() -> loop.post(() -> log.add("posted elsewhere")));

    assertThat(loop.runFor(Duration.ofSeconds(-1))).isEqualTo(RunOutcome.TIME_UP);

    assertThat(timer.hasFired()).isTrue();
    assertThat(loop.snapshot().ready()).isEqualTo(1);
    assertThat(log).isEmpty();
    loop.runUntilStalled();
    assertThat(log).containsExactly("posted elsewhere");
  }

  /** Corosio f34a1ba: run_for never returned while there was work that waits. */
  @Test
  void aRunForATimeReturnsAlsoIfWorkWaitsForEver() {
    loop.spawn("waits for ever", cx -> cx.park());
    rig.time().autoAdvance();

    assertThat(loop.runFor(Duration.ofSeconds(5))).isEqualTo(RunOutcome.TIME_UP);

    assertThat(rig.time().read()).isEqualTo(Duration.ofSeconds(5).toNanos());
  }

  /**
   * tokio issue_5183: Duration.MAX overflowed. Here it means that the run has no end of its own.
   */
  @Test
  void aRunForAsLongAsThereAreNumbersIsEndedByAStop() throws Exception {
    Duration max = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    Driving driving = rig.drive(loop, d -> d.runFor(max)).awaitAsleep();

    loop.stop();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
  }

  // ------------------------------------------------------------------ runs until a result

  /** Value against stop in one poll: the value wins, and the stop is used up by this run. */
  @Test
  void aStopInThePollThatBringsTheValueDoesNotTakeItAway() throws Exception {
    Poll<String> poll =
        loop.runUntil(
            cx -> {
              loop.stop();
              return Poll.ready("value");
            });

    assertThat(poll.value()).isEqualTo("value");
    loop.post(() -> log.add("next run"));
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("next run");
  }

  /** tokio polls its root future once in 61 polls; here it is a task like the others. */
  @Test
  void whatARunWaitsForStandsInTheQueueLikeTheOthers() throws Exception {
    for (int i = 0; i < 3; i++) {
      int number = i;
      loop.post(() -> log.add("neighbour " + number));
    }
    int[] polls = {0};
    loop.runUntil(
        cx -> {
          log.add("poll " + polls[0]);
          if (polls[0]++ == 2) {
            return Poll.ready();
          }
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(log)
        .containsExactly("neighbour 0", "neighbour 1", "neighbour 2", "poll 0", "poll 1", "poll 2");
    assertThat(loop.lastRunSteps()).isEqualTo(6);
  }

  // ------------------------------------------------------------------ pigweed's own

  /** A task that was told to, ends at its next poll; the third one wakes the others. */
  private final class Counted extends Task {
    final Runnable inPoll;
    boolean mayEnd;
    int polls;
    @Nullable Waker waker;

    Counted(String name, Runnable inPoll) {
      super(name);
      this.inPoll = inPoll;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      polls++;
      waker = cx.waker("the third task");
      inPoll.run();
      return mayEnd ? Poll.ready() : Poll.pending();
    }

    void wakeToEnd() {
      mayEnd = true;
      requireNonNull(waker).wake();
    }
  }

  /** Pigweed, RunToCompletionPendsMultipleTasks: exactly five polls. */
  @Test
  void threeTasksOfWhichTheThirdWakesTheOthersAreFivePolls() {
    Counted first = new Counted("first", () -> {});
    Counted second = new Counted("second", () -> {});
    Counted third =
        new Counted(
            "third",
            () -> {
              first.wakeToEnd();
              second.wakeToEnd();
            });
    third.mayEnd = true;
    loop.post(first);
    loop.post(second);
    loop.post(third);

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(first.polls + second.polls + third.polls).isEqualTo(5);
    assertThat(loop.snapshot().taskPolls()).isEqualTo(5);
  }

  /** Pigweed, RunUntilStalledDoesNotPendSleepingTask: state that changed is no wake. */
  @Test
  void aSleepingTaskIsNotPolledOnlyBecauseItCouldGoOn() {
    Counted task = new Counted("task", () -> {});
    loop.post(task);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    task.mayEnd = true;
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(task.polls).isEqualTo(1);

    task.wakeToEnd();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(task.polls).isEqualTo(2);
  }

  /** Pigweed, PostToDispatcherFromInsidePendSucceeds. */
  @Test
  void aTaskMayPostAnotherFromItsPoll() {
    Counted second = new Counted("second", () -> log.add("second"));
    second.mayEnd = true;
    Counted first = new Counted("first", () -> loop.post(second));
    first.mayEnd = true;
    loop.post(first);

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(loop.snapshot().taskPolls()).isEqualTo(2);
    assertThat(log).containsExactly("second");
  }
}
