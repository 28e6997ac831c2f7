package dev.reveille.contract;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.Waker;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The wake protocol: from any thread, at any time, never lost, never twice for nothing. */
public interface WakeContract extends ContractGroup {

  @Test
  default void aWakeMeansOnePoll() {
    RunnableDispatcher loop = rig().dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.runUntilStalled();
    assertThat(sleeper.polls).isEqualTo(1);

    loop.runUntilStalled();
    assertThat(sleeper.polls).isEqualTo(1);

    sleeper.wake();
    loop.runUntilStalled();
    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void foreignWakesBeforeThePollCoalesce() {
    RunnableDispatcher loop = rig().dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.runUntilStalled();

    for (int i = 0; i < 10; i++) {
      sleeper.wake();
      rig().elsewhere(sleeper::wake);
    }
    loop.runUntilStalled();

    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void wakesOnTheLoopBeforeThePollCoalesce() {
    RunnableDispatcher loop = rig().dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.runUntilStalled();

    loop.post(
        () -> {
          for (int i = 0; i < 10; i++) {
            sleeper.wake();
          }
        });
    loop.runUntilStalled();

    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void aWakeDuringItsOwnPollMeansOneMorePollFromTheBack() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    int[] polls = {0};
    loop.post(
        Tasks.of(
            "twice",
            cx -> {
              log.add("poll " + ++polls[0]);
              if (polls[0] == 1) {
                Waker waker = cx.waker("itself");
                waker.wake();
                waker.wake();
              } else {
                cx.waker("nobody");
              }
              return Poll.pending();
            }));
    loop.post(() -> log.add("other"));

    loop.runUntilStalled();

    assertThat(log).containsExactly("poll 1", "other", "poll 2");
  }

  @Test
  default void aForeignWakeDuringThePollMeansOneMorePoll() {
    RunnableDispatcher loop = rig().dispatcher();
    int[] polls = {0};
    loop.post(
        Tasks.of(
            "woken from elsewhere",
            cx -> {
              Waker waker = cx.waker("elsewhere");
              if (++polls[0] == 1) {
                rig().elsewhere(waker::wake);
              }
              return Poll.pending();
            }));

    loop.runUntilStalled();

    assertThat(polls[0]).isEqualTo(2);
  }

  @Test
  default void aWakeFromAForeignThreadEndsTheSleepOfTheLoop() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    Driving driving = rig().drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();

    sleeper.wakeToEnd();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void aPostFromAForeignThreadEndsTheSleepOfTheLoop() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    Driving driving = rig().drive(loop, RunnableDispatcher::run).awaitAsleep();

    loop.post(loop::stop);

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
  }

  /** Rounds of ping and pong with plain fields: a lost wake hangs, a lost write is counted. */
  @Test
  default void whatWasWrittenBeforeAWakeIsSeenByThePollThatFollows() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    int rounds = 20_000;
    int[] written = {0}; // plain
    AtomicReference<Waker> handed = new AtomicReference<>();
    int[] next = {1};
    List<String> wrong = new ArrayList<>();
    loop.post(
        Tasks.of(
            "reader",
            cx -> {
              if (next[0] > 1 && written[0] != next[0] - 1) {
                wrong.add("round " + (next[0] - 1) + " saw " + written[0]);
              }
              if (next[0] > rounds) {
                return Poll.ready();
              }
              next[0]++;
              handed.set(cx.waker("the writer")); // the last act: now the writer may go on
              return Poll.pending();
            }));
    Driving driving = rig().drive(loop, RunnableDispatcher::runToCompletion);

    for (int round = 1; round <= rounds; round++) {
      Rig.awaitState("the task waits", () -> handed.get() != null);
      Waker waker = requireNonNull(handed.getAndSet(null));
      written[0] = round;
      waker.wake();
    }

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(wrong).isEmpty();
  }

  /** Wakes without waiting, most of which coalesce: the last write must be seen (tokio #7589). */
  @Test
  default void theLastOfManyCoalescedWakesPublishesItsWrites() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    int last = 200_000;
    int[] written = {0}; // plain
    int[] seen = {0};
    AtomicReference<Waker> handed = new AtomicReference<>();
    loop.post(
        Tasks.of(
            "reader",
            cx -> {
              handed.set(cx.waker("the writer"));
              seen[0] = written[0];
              return seen[0] == last ? Poll.ready() : Poll.pending();
            }));
    Driving driving = rig().drive(loop, RunnableDispatcher::runToCompletion);
    Rig.awaitState("the task waits", () -> handed.get() != null);
    Waker waker = requireNonNull(handed.get());

    for (int i = 1; i <= last; i++) {
      written[0] = i;
      waker.wake();
    }

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(seen[0]).isEqualTo(last);
  }

  /** Wakes that come while the loop is about to sleep, a little sooner or later each time. */
  @Test
  default void noWakeIsLostAtTheBrinkOfSleep() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    for (int i = 0; i < 60; i++) { // to look for the earliest deadline takes the loop a while
      loop.postAfter(Duration.ofHours(1).plusNanos(i), () -> {});
    }
    int rounds = 30_000;
    int[] polls = {0};
    AtomicReference<Waker> handed = new AtomicReference<>();
    loop.post(
        Tasks.of(
            "on the brink",
            cx -> {
              if (++polls[0] > rounds) {
                loop.stop();
                return Poll.ready();
              }
              handed.set(cx.waker("the other thread"));
              return Poll.pending();
            }));
    Driving driving = rig().drive(loop, RunnableDispatcher::run);

    for (int round = 0; round < rounds; round++) {
      Waker waker = handed.getAndSet(null);
      for (int i = 0; waker == null && i < 10_000; i++) {
        Thread.onSpinWait();
        waker = handed.getAndSet(null);
      }
      if (waker == null) {
        Rig.awaitState("the task waits", () -> handed.get() != null);
        waker = requireNonNull(handed.getAndSet(null));
      }
      for (int delay = round % 128; delay > 0; delay--) {
        Thread.onSpinWait();
      }
      waker.wake();
    }

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
  }

  @Test
  default void aWakeAfterTheEndDoesNothing() {
    RunnableDispatcher loop = rig().dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.runUntilStalled();
    Waker late = sleeper.waker();
    sleeper.wakeToEnd();
    loop.runUntilStalled();
    assertThat(sleeper.polls).isEqualTo(2);

    late.wake();
    rig().elsewhere(late::wake);
    loop.post(late::wake);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void aWakeAfterTheCloseDoesNothing() {
    RunnableDispatcher loop = rig().dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.runUntilStalled();
    loop.close();

    sleeper.wake();
    rig().elsewhere(sleeper::wake);

    assertThat(sleeper.polls).isEqualTo(1);
    assertThat(sleeper.cleanups).isEqualTo(1);
  }

  @Test
  default void aWakerKeepsAnEndedTaskFromNoCollection() {
    RunnableDispatcher loop = rig().dispatcher();
    List<Waker> kept = new ArrayList<>();
    WeakReference<Task> task = postATaskThatLeavesItsWaker(loop, kept);
    WeakReference<JoinHandle<Object>> handle = spawnOneThatLeavesItsWaker(loop, kept);
    kept.forEach(Waker::wake); // both are in the inbox when they end, as far as this thread knows
    loop.runUntilStalled();

    assertThat(Rig.collectGarbageUntil(() -> task.get() == null)).isTrue();
    assertThat(Rig.collectGarbageUntil(() -> handle.get() == null)).isTrue();
    assertThat(kept).hasSize(2);
  }

  private static WeakReference<Task> postATaskThatLeavesItsWaker(
      RunnableDispatcher loop, List<Waker> kept) {
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.runUntilStalled();
    kept.add(sleeper.waker());
    sleeper.wakeToEnd();
    loop.runUntilStalled();
    return new WeakReference<>(sleeper);
  }

  private static WeakReference<JoinHandle<Object>> spawnOneThatLeavesItsWaker(
      RunnableDispatcher loop, List<Waker> kept) {
    JoinHandle<Object> handle =
        loop.spawn(
            "leaves its waker",
            cx -> {
              kept.add(cx.waker("cancel"));
              return Poll.pending();
            });
    loop.runUntilStalled();
    handle.cancel();
    loop.runUntilStalled();
    return new WeakReference<>(handle);
  }

  @Test
  default void aWakerOfAnEndedTaskKeepsItsDispatcherFromNoCollection() {
    List<Waker> kept = new ArrayList<>();
    WeakReference<RunnableDispatcher> loop = closeALoopThatLeavesAWaker(kept);

    assertThat(Rig.collectGarbageUntil(() -> loop.get() == null)).isTrue();
    assertThat(kept).hasSize(1);
  }

  private WeakReference<RunnableDispatcher> closeALoopThatLeavesAWaker(List<Waker> kept) {
    RunnableDispatcher loop = rig().unmanaged(DispatcherOptions.defaults());
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.runUntilStalled();
    kept.add(sleeper.waker());
    loop.close();
    return new WeakReference<>(loop);
  }

  @Test
  default void theWakerStaysTheSameForTheWholeStay() {
    RunnableDispatcher loop = rig().dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.runUntilStalled();
    Waker first = sleeper.waker();
    first.wake();
    loop.runUntilStalled();

    assertThat(sleeper.waker()).isSameAs(first);
  }
}
