package dev.reveille.contract;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.Task;
import dev.reveille.Waker;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The wake protocol: from any thread, at any time, never lost, never twice for nothing. */
public interface WakeContract extends ContractGroup {

  @Test
  default void aWakeMeansOnePoll() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);
    assertThat(sleeper.polls).isEqualTo(1);

    rig().settle(loop);
    assertThat(sleeper.polls).isEqualTo(1);

    sleeper.wake();
    rig().settle(loop);
    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void foreignWakesBeforeThePollCoalesce() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);

    for (int i = 0; i < 10; i++) {
      sleeper.wake();
      rig().elsewhere(sleeper::wake);
    }
    rig().settle(loop);

    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void wakesOnTheLoopBeforeThePollCoalesce() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);

    loop.post(
        () -> {
          for (int i = 0; i < 10; i++) {
            sleeper.wake();
          }
        });
    rig().settle(loop);

    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void aWakeDuringItsOwnPollMeansOneMorePollFromTheBack() {
    Dispatcher loop = rig().loop();
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

    rig().settle(loop);

    assertThat(log).containsExactly("poll 1", "other", "poll 2");
  }

  @Test
  default void aForeignWakeDuringThePollMeansOneMorePoll() {
    Dispatcher loop = rig().loop();
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

    rig().settle(loop);

    assertThat(polls[0]).isEqualTo(2);
  }

  @Test
  default void aWakeFromAForeignThreadEndsTheSleepOfTheLoop() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    Driving driving = rig().driveToCompletion(loop).awaitAsleep();

    sleeper.wakeToEnd();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void aPostFromAForeignThreadEndsTheSleepOfTheLoop() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    CountDownLatch ran = new CountDownLatch(1);
    rig().drive(loop).awaitAsleep();

    loop.post(ran::countDown);

    Rig.await(ran);
  }

  /** Rounds of ping and pong with plain fields: a lost wake hangs, a lost write is counted. */
  @Test
  default void whatWasWrittenBeforeAWakeIsSeenByThePollThatFollows() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
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
    Driving driving = rig().driveToCompletion(loop);

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
    Dispatcher loop = rig().loopOnSystemClock();
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
    Driving driving = rig().driveToCompletion(loop);
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
    Dispatcher loop = rig().loopOnSystemClock();
    for (int i = 0; i < 60; i++) { // to look for the earliest deadline takes the loop a while
      loop.postAfter(Duration.ofHours(1).plusNanos(i), () -> {});
    }
    int rounds = 30_000;
    CountDownLatch done = new CountDownLatch(1);
    int[] polls = {0};
    AtomicReference<Waker> handed = new AtomicReference<>();
    loop.post(
        Tasks.of(
            "on the brink",
            cx -> {
              if (++polls[0] > rounds) {
                done.countDown();
                return Poll.ready();
              }
              handed.set(cx.waker("the other thread"));
              return Poll.pending();
            }));
    rig().drive(loop);

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

    Rig.await(done);
  }

  @Test
  default void aWakeAfterTheEndDoesNothing() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);
    Waker late = sleeper.waker();
    sleeper.wakeToEnd();
    rig().settle(loop);
    assertThat(sleeper.polls).isEqualTo(2);

    late.wake();
    rig().elsewhere(late::wake);
    loop.post(late::wake);
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void aWakeAfterTheCloseDoesNothing() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);
    loop.close();

    sleeper.wake();
    rig().elsewhere(sleeper::wake);

    assertThat(sleeper.polls).isEqualTo(1);
    assertThat(sleeper.cleanups).isEqualTo(1);
  }

  @Test
  default void aWakerKeepsAnEndedTaskFromNoCollection() {
    Dispatcher loop = rig().loop();
    List<Waker> kept = new ArrayList<>();
    WeakReference<Task> task = postATaskThatLeavesItsWaker(loop, kept);
    WeakReference<JoinHandle<Object>> handle = spawnOneThatLeavesItsWaker(loop, kept);
    kept.forEach(Waker::wake); // both are in the inbox when they end, as far as this thread knows
    rig().settle(loop);

    assertThat(Rig.collectGarbageUntil(() -> task.get() == null)).isTrue();
    assertThat(Rig.collectGarbageUntil(() -> handle.get() == null)).isTrue();
    assertThat(kept).hasSize(2);
  }

  private WeakReference<Task> postATaskThatLeavesItsWaker(Dispatcher loop, List<Waker> kept) {
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);
    kept.add(sleeper.waker());
    sleeper.wakeToEnd();
    rig().settle(loop);
    return new WeakReference<>(sleeper);
  }

  private WeakReference<JoinHandle<Object>> spawnOneThatLeavesItsWaker(
      Dispatcher loop, List<Waker> kept) {
    JoinHandle<Object> handle =
        loop.spawn(
            "leaves its waker",
            cx -> {
              kept.add(cx.waker("cancel"));
              return Poll.pending();
            });
    rig().settle(loop);
    handle.cancel();
    rig().settle(loop);
    return new WeakReference<>(handle);
  }

  @Test
  default void aWakerOfAnEndedTaskKeepsItsDispatcherFromNoCollection() {
    List<Waker> kept = new ArrayList<>();
    WeakReference<Dispatcher> loop = closeALoopThatLeavesAWaker(kept);

    assertThat(Rig.collectGarbageUntil(() -> loop.get() == null)).isTrue();
    assertThat(kept).hasSize(1);
  }

  private WeakReference<Dispatcher> closeALoopThatLeavesAWaker(List<Waker> kept) {
    Driven driven = rig().unmanaged(DispatcherOptions.defaults());
    Dispatcher loop = driven.dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    driven.settle();
    kept.add(sleeper.waker());
    loop.close();
    return new WeakReference<>(loop);
  }

  @Test
  default void theWakerStaysTheSameForTheWholeStay() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);
    Waker first = sleeper.waker();
    first.wake();
    rig().settle(loop);

    assertThat(sleeper.waker()).isSameAs(first);
  }
}
