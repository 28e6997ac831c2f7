package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ticks. Times are milliseconds of mock time. */
final class IntervalTest {
  private static final long MILLI = 1_000_000;
  private static final Duration PERIOD = Duration.ofMillis(100);

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  /** When the ticks were due, and when they were taken. */
  private final List<Long> due = new ArrayList<>();

  private final List<Long> taken = new ArrayList<>();

  private Waker waker = Waker.none();
  private boolean held;

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void advance(long millis) {
    rig.time().advance(Duration.ofMillis(millis));
  }

  /** A task that takes every tick; it does not come to it while the test holds it. */
  private void take(Interval interval) {
    loop.spawn(
        "ticker",
        cx -> {
          waker = cx.waker("the test");
          if (held) {
            return Poll.pending();
          }
          while (interval.pollTick(cx).isReady()) {
            due.add(interval.lastTick() / MILLI);
            taken.add(rig.time().read() / MILLI);
          }
          return Poll.pending();
        });
    loop.runUntilStalled();
  }

  /** The task does not come to take its ticks for so long. */
  private void holdFor(long millis) {
    held = true;
    advance(millis);
    held = false;
    waker.wake();
    loop.runUntilStalled();
  }

  @Test
  void theFirstTickIsDueAtOnceAndTheOthersAPeriodApart() {
    advance(7);
    take(Interval.every(loop, PERIOD));
    assertThat(due).containsExactly(7L);
    advance(99);
    assertThat(due).hasSize(1);
    advance(1);
    assertThat(due).containsExactly(7L, 107L);
    advance(250);

    assertThat(due).containsExactly(7L, 107L, 207L, 307L);
    assertThat(taken).isEqualTo(due);
  }

  @Test
  void theFirstTickCanBeLaterOrHaveBeenBefore() {
    take(Interval.startingAt(loop, 30 * MILLI, PERIOD));
    assertThat(due).isEmpty();
    advance(130);
    assertThat(due).containsExactly(30L, 130L);

    due.clear();
    take(Interval.startingAt(loop, 100 * MILLI, PERIOD));
    assertThat(due).containsExactly(100L);
  }

  // ------------------------------------------------------------------ missed: tokio's examples

  /** In tokio's documentation: expected 0 1 2 3 4 5, work in the second, then catching up. */
  @Test
  void burstCatchesUpWithAsManyTicksAsPeriods() {
    take(Interval.every(loop, PERIOD));
    advance(100);
    holdFor(350);
    advance(150);

    assertThat(due).containsExactly(0L, 100L, 200L, 300L, 400L, 500L, 600L);
    assertThat(taken).containsExactly(0L, 100L, 450L, 450L, 450L, 500L, 600L);
  }

  @Test
  void delayIsAPeriodAfterTheLateOneWasTaken() {
    take(Interval.every(loop, PERIOD).onMissed(Interval.Missed.DELAY));
    advance(100);
    holdFor(350);
    advance(250);

    assertThat(due).containsExactly(0L, 100L, 200L, 550L, 650L);
    assertThat(taken).containsExactly(0L, 100L, 450L, 550L, 650L);
  }

  @Test
  void skipLeavesTheMissedOnesOutAndStaysOnTheGrid() {
    take(Interval.every(loop, PERIOD).onMissed(Interval.Missed.SKIP));
    advance(100);
    holdFor(350);
    advance(150);

    assertThat(due).containsExactly(0L, 100L, 200L, 500L, 600L);
    assertThat(taken).containsExactly(0L, 100L, 450L, 500L, 600L);
  }

  @Test
  void skipThatIsLateByWholePeriodsGoesOnAPeriodLater() {
    take(Interval.every(loop, PERIOD).onMissed(Interval.Missed.SKIP));
    holdFor(300);
    advance(100);

    assertThat(due).containsExactly(0L, 100L, 400L);
    assertThat(taken).containsExactly(0L, 300L, 400L);
  }

  /** tokio does not count up to five milliseconds: else each tick of DELAY would drift a little. */
  @ParameterizedTest
  @EnumSource
  void fiveMillisecondsAreNotLate(Interval.Missed missed) {
    take(Interval.every(loop, PERIOD).onMissed(missed));
    holdFor(105);
    advance(95);

    assertThat(due).containsExactly(0L, 100L, 200L);
  }

  @Test
  void moreThanFiveMillisecondsAre() {
    take(Interval.every(loop, PERIOD).onMissed(Interval.Missed.DELAY));
    holdFor(106);
    advance(100);

    assertThat(due).containsExactly(0L, 100L, 206L);
  }

  /** The loop's own reading may be old: what the tick before it took counts. */
  @Test
  void howLateATickIsIsReadFromTheClock() {
    long[] now = new long[1];
    RunnableDispatcher stale = rig.dispatcher(options -> options.withTicker(() -> now[0]));
    Interval interval = Interval.every(stale, PERIOD).onMissed(Interval.Missed.DELAY);
    List<Long> ticks = new ArrayList<>();
    stale.spawn(
        cx -> {
          if (now[0] == 0) {
            now[0] = 40 * MILLI; // in the middle of a poll, after the loop has read
          }
          while (interval.pollTick(cx).isReady()) {
            ticks.add(interval.lastTick() / MILLI);
          }
          return Poll.pending();
        });
    stale.runUntilStalled();
    now[0] = 139 * MILLI;
    stale.runUntilStalled();
    assertThat(ticks).containsExactly(0L);
    now[0] = 140 * MILLI;
    stale.runUntilStalled();

    assertThat(ticks).containsExactly(0L, 140L);
  }

  @Test
  void burstAndSkipDoNotDriftHoweverLateEachTickIs() {
    for (Interval.Missed missed : List.of(Interval.Missed.BURST, Interval.Missed.SKIP)) {
      due.clear();
      long start = rig.time().read() / MILLI;
      take(Interval.every(loop, PERIOD).onMissed(missed));
      for (int i = 0; i < 50; i++) {
        holdFor(113);
      }
      assertThat(due).allMatch(tick -> (tick - start) % 100 == 0);
    }
  }

  // ------------------------------------------------------------------ overflow, refusals

  @ParameterizedTest
  @EnumSource
  void aPeriodThatDoesNotFitNeverTicksASecondTime(Interval.Missed missed) {
    advance(1);
    take(Interval.every(loop, Duration.ofSeconds(Long.MAX_VALUE)).onMissed(missed));
    take(Interval.startingAt(loop, 0, Duration.ofNanos(Long.MAX_VALUE)).onMissed(missed));
    take(Interval.startingAt(loop, Long.MIN_VALUE, Duration.ofNanos(Long.MAX_VALUE)));
    int first = due.size();
    rig.time().advance(Duration.ofDays(365 * 200));

    assertThat(first).isEqualTo(4); // the last one began before: -2^63, -1, and then in 292 years
    assertThat(due).hasSize(first);
  }

  @Test
  void skipFromTheBeginningOfTimeDoesNotOverflow() {
    advance(1);
    Interval interval =
        Interval.startingAt(loop, Long.MIN_VALUE, PERIOD).onMissed(Interval.Missed.SKIP);
    take(interval);
    advance(100);

    assertThat(due).hasSize(2);
    assertThat(interval.lastTick()).isBetween(MILLI, 101 * MILLI);
    assertThat(Math.floorMod(interval.lastTick(), 100 * MILLI))
        .isEqualTo(Math.floorMod(Long.MIN_VALUE, 100 * MILLI));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void aPeriodIsAboveZero(long nanos) {
    assertThatThrownBy(() -> Interval.every(loop, Duration.ofNanos(nanos)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("above zero");
  }

  // ------------------------------------------------------------------ reset, cancel, one-shot

  @Test
  void resetBeginsAnewAPeriodFromNowAlsoForATaskThatWaits() {
    Interval interval = Interval.every(loop, PERIOD);
    take(interval);
    advance(60);
    interval.reset();
    advance(99);
    assertThat(due).containsExactly(0L);
    advance(101);

    assertThat(due).containsExactly(0L, 160L, 260L);
  }

  @Test
  void resetAtSetsTheNextTick() {
    Interval interval = Interval.every(loop, PERIOD);
    take(interval);
    interval.resetAt(20 * MILLI);
    advance(120);

    assertThat(due).containsExactly(0L, 20L, 120L);
  }

  @Test
  void afterCancelThereAreNoTicksUntilAReset() {
    Interval interval = Interval.every(loop, PERIOD);
    take(interval);
    interval.cancel();
    interval.cancel();
    long polls = loop.snapshot().taskPolls();
    advance(1_000);
    assertThat(loop.snapshot().taskPolls()).isEqualTo(polls);
    loop.spawn("late", cx -> interval.pollTick(cx));
    loop.runUntilStalled();
    assertThat(rig.takeUncaught())
        .hasSize(1)
        .allMatch(u -> u.failure().getMessage().contains("'late' was cancelled; reset() it"));

    interval.reset();
    waker.wake();
    advance(100);

    assertThat(due).containsExactly(0L, 1_100L);
  }

  @Test
  void tickIsTheNextOneAsAnOperation() {
    Interval interval = Interval.every(loop, PERIOD);
    List<Long> ticks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      loop.spawn(cx -> interval.tick().poll(cx).map(ticks::add));
      advance(100);
    }

    assertThat(ticks).containsExactly(0L, 100 * MILLI, 200 * MILLI);
  }

  @Test
  void aTickWhoseOperationIsCancelledIsNotLost() {
    Interval interval = Interval.every(loop, PERIOD);
    take(interval);
    Operation<Long> tick = interval.tick();
    tick.cancel();
    advance(100);

    assertThat(due).containsExactly(0L, 100L);
  }

  @Test
  void aTickThatIsRefusedItsBudgetIsNotLost() {
    RunnableDispatcher small = rig.dispatcher(options -> options.withBudget(2));
    Interval interval = Interval.startingAt(small, 0, PERIOD);
    advance(450);
    List<Integer> perPoll = new ArrayList<>();
    small.spawn(
        cx -> {
          int ticks = 0;
          while (interval.pollTick(cx).isReady()) {
            ticks++;
          }
          perPoll.add(ticks);
          return Poll.pending();
        });
    small.runUntilStalled();

    assertThat(perPoll).containsExactly(2, 2, 1);
  }

  @Test
  void whileNobodyPollsItTheLoopHasNothingToDo() {
    Interval interval = Interval.every(loop, PERIOD);
    loop.spawn(
        cx -> {
          interval.pollTick(cx);
          return cx.park();
        });
    loop.runUntilStalled();
    long polls = loop.snapshot().taskPolls();
    advance(10_000);

    assertThat(loop.snapshot().taskPolls()).isEqualTo(polls);
  }

  @Test
  void onAnotherThreadItIsRefusedWhileTheLoopIsDriven() throws Exception {
    Interval interval = Interval.every(loop, PERIOD);
    take(Interval.startingAt(loop, Long.MAX_VALUE, PERIOD));
    Driving driving = rig.drive(loop, RunnableDispatcher::run).awaitAsleep();

    assertThatThrownBy(interval::reset).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(interval::cancel).isInstanceOf(IllegalStateException.class);
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void itTellsItsPeriod() {
    assertThat(Interval.every(loop, PERIOD).period()).isEqualTo(PERIOD);
    assertThat(Interval.every(loop, PERIOD)).hasToString("Interval[PT0.1S]");
  }
}
