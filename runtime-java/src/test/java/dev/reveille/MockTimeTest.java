package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Time that moves when it is told to, on the real dispatchers. */
@Timeout(
    value = 30,
    threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a clock that hangs is a finding
final class MockTimeTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final MockTime time = rig.time();
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void at(RunnableDispatcher dispatcher, long seconds, String what) {
    dispatcher.postAt(seconds(seconds), () -> log.add(what + " at " + nowInSeconds()));
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  private long nowInSeconds() {
    return Duration.ofNanos(time.read()).toSeconds();
  }

  // ------------------------------------------------------------------ advance

  @Test
  void timeStandsStillUntilItIsMoved() {
    assertThat(time.read()).isZero();
    at(loop, 1, "callback");
    loop.runUntilStalled();
    loop.runUntilStalled();
    assertThat(log).isEmpty();
    assertThat(time.read()).isZero();

    time.advance(Duration.ofSeconds(1));

    assertThat(log).containsExactly("callback at 1");
    assertThat(time.read()).isEqualTo(seconds(1));
  }

  @Test
  void advanceGoesFromDeadlineToDeadline() {
    at(loop, 3, "three");
    at(loop, 1, "one");
    loop.postAt(seconds(1), () -> at(loop, 2, "armed on the way"));

    time.advance(Duration.ofSeconds(10));

    assertThat(log).containsExactly("one at 1", "armed on the way at 2", "three at 3");
    assertThat(time.read()).isEqualTo(seconds(10));
  }

  @Test
  void advanceByZeroRunsWhatIsReady() {
    loop.post(() -> log.add("ready"));

    time.advance(Duration.ZERO);

    assertThat(log).containsExactly("ready");
  }

  @Test
  void timeDoesNotGoBack() {
    assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everythingAtADeadlineIsRunBeforeTimeMovesOn() {
    loop.postAt(
        seconds(1),
        () -> {
          int[] left = {100};
          loop.spawn(
              cx -> {
                if (left[0]-- == 0) {
                  log.add("hundred polls at " + nowInSeconds());
                  return Poll.ready();
                }
                cx.waker("itself").wake();
                return Poll.pending();
              });
        });
    at(loop, 2, "next");

    time.advance(Duration.ofSeconds(5));

    assertThat(log).containsExactly("hundred polls at 1", "next at 2");
  }

  @Test
  void advanceFromATaskThrowsNamingIt() {
    loop.spawn(
        "impatient",
        cx -> {
          time.advance(Duration.ofSeconds(1));
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'impatient'"));
    assertThat(time.read()).isZero();
  }

  @Test
  void aDispatcherThatDoesNotComeToRestIsReportedWithItsDump() {
    loop.spawn(
        "restless",
        cx -> {
          cx.waker("itself").wake();
          return Poll.pending();
        });
    JoinHandle<Object> other = loop.spawn("innocent", cx -> cx.park());

    assertThatThrownBy(() -> time.advance(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("restless")
        .hasMessageContaining("innocent")
        .hasMessageContaining("loop");
    assertThat(other.isDone()).isFalse();
    assertThat(time.read()).isZero();
  }

  @Test
  void afterAFailedAdvanceTheClockIsUsable() {
    JoinHandle<Object> restless =
        loop.spawn(
            "restless",
            cx -> {
              cx.waker("itself").wake();
              return Poll.pending();
            });
    assertThatThrownBy(() -> time.advance(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class);
    restless.cancel();

    time.advance(Duration.ofSeconds(1));

    assertThat(time.read()).isEqualTo(seconds(1));
  }

  /** A stop is meant for a run of the program's own; the clock goes on, and does not spend it. */
  @Test
  void aDispatcherThatWasStoppedDoesNotHoldUpTheClock() {
    at(loop, 1, "callback");
    loop.stop();

    time.advance(Duration.ofSeconds(2));

    assertThat(time.read()).isEqualTo(seconds(2));
    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);
    loop.runUntilStalled();
    assertThat(log).hasSize(1);
  }

  @Test
  void aDispatcherThatStopsItselfAtADeadlineDoesNotHoldUpTheClock() {
    loop.postAt(seconds(1), loop::stop);
    at(loop, 1, "callback");
    at(loop, 2, "callback");

    time.advance(Duration.ofSeconds(3));

    assertThat(time.read()).isEqualTo(seconds(3));
    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);
    loop.runUntilStalled();
    assertThat(log).hasSize(2);
  }

  @Test
  void aClosedDispatcherDoesNotHoldUpTheClock() {
    at(loop, 1, "never");
    loop.close();

    time.advance(Duration.ofSeconds(2));

    assertThat(time.read()).isEqualTo(seconds(2));
    assertThat(log).isEmpty();
  }

  @Test
  void aDrainingDispatcherIsClosedByTheClockWhenItsWorkIsDone() {
    at(loop, 1, "last");
    loop.shutdown();

    time.advance(Duration.ofSeconds(2));

    assertThat(log).containsExactly("last at 1");
    assertThat(loop.isClosed()).isTrue();
  }

  // ------------------------------------------------------------------ several dispatchers

  @Test
  void severalDispatchersShareOneClockAndOneOrderOfDeadlines() {
    RunnableDispatcher other = rig.dispatcher();
    at(loop, 1, "mine");
    at(other, 2, "theirs");
    at(loop, 3, "mine");
    at(other, 4, "theirs");

    time.advance(Duration.ofSeconds(10));

    assertThat(log).containsExactly("mine at 1", "theirs at 2", "mine at 3", "theirs at 4");
  }

  @Test
  void aMessageToAnotherDispatcherArrivesBeforeTimeMoves() {
    RunnableDispatcher other = rig.dispatcher();
    loop.postAt(
        seconds(1),
        () -> other.post(() -> loop.post(() -> log.add("and back at " + nowInSeconds()))));
    at(loop, 2, "next");

    time.advance(Duration.ofSeconds(5));

    assertThat(log).containsExactly("and back at 1", "next at 2");
  }

  @Test
  void aDispatcherWithItsOwnThreadIsWokenAndAwaited() throws Exception {
    RunnableDispatcher driven = rig.dispatcher();
    List<String> threads = Collections.synchronizedList(new ArrayList<>());
    for (int i = 1; i <= 100; i++) {
      at(driven, i, "driven");
      driven.postAt(seconds(i), () -> threads.add(Thread.currentThread().getName()));
      at(loop, i, "mine"); // registered before it, so it comes first in a round
    }
    WorkGuard guard = driven.workGuard();
    Driving driving = rig.drive(driven, RunnableDispatcher::runToCompletion);

    time.advance(Duration.ofSeconds(100));

    assertThat(threads).hasSize(100).containsOnly("driver");
    assertThat(log).hasSize(200);
    for (int i = 0; i < 100; i++) {
      assertThat(log.subList(2 * i, 2 * i + 2))
          .containsExactlyInAnyOrder("driven at " + (i + 1), "mine at " + (i + 1));
    }
    guard.close();
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void timeDoesNotMoveBeforeADrivenDispatcherHasTakenItsInbox() throws Exception {
    RunnableDispatcher driven = rig.dispatcher();
    WorkGuard guard = driven.workGuard();
    Driving driving = rig.drive(driven, RunnableDispatcher::runToCompletion).awaitAsleep();

    driven.defer(() -> log.add("deferred at " + nowInSeconds())); // which does not wake it
    at(driven, 1, "timed");
    time.advance(Duration.ofSeconds(1));

    assertThat(log).containsExactly("deferred at 0", "timed at 1");
    guard.close();
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void onlyOneThreadAdvancesAtATime() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    RunnableDispatcher driven = rig.dispatcher();
    driven.postAt(
        seconds(1),
        () -> {
          inside.countDown();
          try {
            assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    rig.drive(driven, RunnableDispatcher::runToCompletion).awaitAsleep();
    var advancer =
        rig.start(
            "advancer",
            () -> {
              time.advance(Duration.ofSeconds(1));
              return time.read();
            });
    inside.await();

    assertThatThrownBy(() -> time.advance(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class);
    goOn.countDown();

    assertThat(Rig.await(advancer)).isEqualTo(seconds(1));
  }

  // ------------------------------------------------------------------ automatic

  @Test
  void autoAdvanceJumpsToTheNextDeadlineWhenTheLoopWouldSleep() {
    time.autoAdvance();
    at(loop, 3_600, "an hour");
    at(loop, 60, "a minute");

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("a minute at 60", "an hour at 3600");
  }

  @Test
  void autoAdvanceWaitsUntilAllDrivenDispatchersAreAsleep() throws Exception {
    RunnableDispatcher other = rig.dispatcher();
    for (int i = 1; i <= 100; i++) {
      at(loop, 2 * i, "mine");
      at(other, 2 * i + 1, "theirs");
    }
    try (MockTime.Hold hold = time.hold()) {
      time.autoAdvance();
      rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
      rig.drive(other, RunnableDispatcher::runToCompletion).awaitAsleep();
    }
    Rig.awaitState("all have run", () -> log.size() == 200);

    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      expected.add("mine at " + 2 * i);
      expected.add("theirs at " + (2 * i + 1));
    }
    assertThat(log).isEqualTo(expected);
  }

  @Test
  void aHoldForbidsTheJumpUntilTheLastIsReleased() throws Exception {
    time.autoAdvance();
    MockTime.Hold first = time.hold();
    MockTime.Hold second = time.hold();
    at(loop, 5, "callback");
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
    first.close();
    first.close();
    driving.awaitAsleep();
    assertThat(time.read()).isZero();
    assertThat(log).isEmpty();

    second.close();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("callback at 5");
  }

  @Test
  void autoAdvanceMayBeTurnedOnWhileTheLoopSleeps() throws Exception {
    at(loop, 5, "callback");
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();

    time.autoAdvance();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("callback at 5");
  }

  @Test
  void autoAdvanceGoesOnAfterAnAdvance() throws Exception {
    WorkGuard guard = loop.workGuard();
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
    time.autoAdvance();
    CountDownLatch fired = new CountDownLatch(1);
    loop.defer(() -> loop.postAfter(Duration.ofSeconds(10), fired::countDown));

    time.advance(
        Duration.ZERO); // the loop arms the timer and goes to sleep while this thread advances

    assertThat(fired.await(5, TimeUnit.SECONDS)).isTrue();
    guard.close();
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  /**
   * The one who is asleep already waits for nobody but the one who is still busy, and then leaves.
   */
  @Test
  void autoAdvanceGoesOnWhenAnotherDriverLeaves() throws Exception {
    RunnableDispatcher other = rig.dispatcher();
    time.autoAdvance();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    other.post(
        () -> {
          inside.countDown();
          try {
            assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Driving otherDriving = rig.drive(other, RunnableDispatcher::runToCompletion);
    inside.await();
    CountDownLatch fired = new CountDownLatch(1);
    loop.postAfter(Duration.ofSeconds(1), fired::countDown);
    rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
    assertThat(time.read()).isZero();

    goOn.countDown();

    assertThat(otherDriving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(fired.await(5, TimeUnit.SECONDS)).isTrue();
  }

  /** A deferred callback wakes nobody, but it must not hold up the clock of the others either. */
  @Test
  void autoAdvanceIsNotHeldUpByADeferredCallback() throws Exception {
    RunnableDispatcher other = rig.dispatcher();
    time.autoAdvance();
    WorkGuard guard = loop.workGuard();
    WorkGuard otherGuard = other.workGuard();
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
    Driving otherDriving = rig.drive(other, RunnableDispatcher::runToCompletion).awaitAsleep();
    CountDownLatch fired = new CountDownLatch(1);

    other.defer(() -> log.add("deferred"));
    loop.post(() -> loop.postAfter(Duration.ofSeconds(1), fired::countDown));

    assertThat(fired.await(5, TimeUnit.SECONDS)).isTrue();
    guard.close();
    otherGuard.close();
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(otherDriving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("deferred");
  }

  @Test
  void aRunForATimeEndsByItself() {
    time.autoAdvance();
    loop.spawn(cx -> cx.park());

    assertThat(loop.runFor(Duration.ofDays(1))).isEqualTo(RunOutcome.TIME_UP);

    assertThat(time.read()).isEqualTo(Duration.ofDays(1).toNanos());
  }

  @Test
  void itsTextTellsTheTime() {
    time.advance(Duration.ofSeconds(90));

    assertThat(time).hasToString("MockTime[PT1M30S]");
  }
}
