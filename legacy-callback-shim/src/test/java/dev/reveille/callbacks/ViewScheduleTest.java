package dev.reveille.callbacks;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Timer;
import dev.reveille.contract.Driving;
import dev.reveille.contract.ManualTicker;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a {@link ScheduledExecutorService} promises, on mock time. */
final class ViewScheduleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final DispatcherExecutorService view = DispatcherExecutorService.of(loop);
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Logs a name and the time in milliseconds. */
  private void log(String name) {
    log.add(name + "@" + Duration.ofNanos(rig.time().read()).toMillis());
  }

  private void advance(long millis) {
    rig.time().advance(Duration.ofMillis(millis));
  }

  // ------------------------------------------------------------------ once

  @Test
  void aDelayedCommandRunsAtItsTimeAndNotBefore() throws Exception {
    ScheduledFuture<String> call =
        view.schedule(
            () -> {
              log("call");
              return "called";
            },
            10,
            MILLISECONDS);
    ScheduledFuture<?> run = view.schedule(() -> log("run"), 20, MILLISECONDS);

    advance(9);
    assertThat(log).isEmpty();
    advance(30);

    assertThat(log).containsExactly("call@10", "run@20");
    assertThat(call.get()).isEqualTo("called");
    assertThat(run.get()).isNull();
  }

  @Test
  void aDelayCountsFromTheCallAndNotFromTheLoopsLastLookAtTheClock() {
    ManualTicker clock = new ManualTicker();
    RunnableDispatcher other = rig.dispatcher(options -> options.withTicker(clock));
    DispatcherExecutorService ofOther = DispatcherExecutorService.of(other);
    ofOther.execute(
        () -> {
          clock.move(Duration.ofSeconds(3)); // a slow callback
          ofOther.schedule(() -> log.add("ran"), 1, SECONDS);
        });
    other.runUntilStalled();
    assertThat(log).isEmpty();

    clock.move(Duration.ofSeconds(1));
    other.runUntilStalled();
    assertThat(log).containsExactly("ran");
  }

  @Test
  void zeroAndNegativeDelaysMeanAtOnceButNotInTheCall() {
    view.schedule(() -> log("zero"), 0, SECONDS);
    view.schedule(() -> log("negative"), -1, DAYS);
    view.schedule(() -> log("long ago"), Long.MIN_VALUE, DAYS);
    assertThat(log).isEmpty();

    loop.runUntilStalled();

    assertThat(log).containsExactly("zero@0", "negative@0", "long ago@0");
  }

  @Test
  void whatIsDueTogetherRunsInTheOrderOfSubmission() {
    for (int i = 0; i < 100; i++) {
      int number = i;
      view.schedule(() -> log.add("" + number), 5, MILLISECONDS);
    }
    advance(5);

    assertThat(log).hasSize(100);
    for (int i = 0; i < 100; i++) {
      assertThat(log.get(i)).isEqualTo("" + i);
    }
  }

  @Test
  void callbacksAndTimersAndCommandsShareOneClockInExactOrder() {
    timer("timer", 30);
    view.schedule(() -> log("view"), 20, MILLISECONDS);
    loop.postAfter(Duration.ofMillis(10), () -> log("post"));
    timer("timer", 5);
    view.scheduleAtFixedRate(() -> log("rate"), 15, 15, MILLISECONDS);
    DispatcherExecutorService.of(loop).schedule(() -> log("other view"), 30, MILLISECONDS);
    loop.postAfter(Duration.ofMillis(30), () -> log("post"));

    advance(36);

    assertThat(log)
        .containsExactly(
            "timer@5",
            "post@10",
            "rate@15",
            "view@20",
            "timer@30",
            "other view@30",
            "post@30",
            "rate@30"); // armed last, at 15
  }

  private void timer(String name, long millis) {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofMillis(millis));
    loop.spawn(
        cx -> {
          var poll = timer.poll(cx);
          if (poll.isReady()) {
            log(name);
          }
          return poll;
        });
    loop.runUntilStalled();
  }

  @Test
  void aDelayedCommandIsWorkThatARunWaitsFor() {
    rig.time().autoAdvance();
    view.schedule(() -> log("an hour later"), 1, HOURS);

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("an hour later@3600000");
  }

  @Test
  void aDelayedCommandFromAnotherThreadShortensTheSleep() throws Exception {
    view.schedule(() -> log("late"), 1, HOURS);
    Driving driving = rig.drive(loop, RunnableDispatcher::run).awaitAsleep();

    rig.elsewhere(() -> view.schedule(() -> log("early"), 1, MILLISECONDS));
    advance(1);
    loop.stop();
    driving.awaitOutcome();

    assertThat(log).containsExactly("early@1");
  }

  @Test
  void aDelayThatDoesNotFitMeansNever() {
    ScheduledFuture<?> never = view.schedule(() -> log("never"), Long.MAX_VALUE, DAYS);

    rig.time().advance(Duration.ofDays(365 * 200));

    assertThat(never.isDone()).isFalse();
    assertThat(never.getDelay(DAYS)).isGreaterThan(30_000);
    assertThat(never.cancel(false)).isTrue();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  // ------------------------------------------------------------------ cancel

  @Test
  void aCancelledOneNeverRunsAndIsNoWorkAnyMore() {
    ScheduledFuture<?> future = view.schedule(() -> log("ran"), 1, HOURS);
    loop.runUntilStalled();
    assertThat(loop.snapshot().timedCallbacks()).isEqualTo(1);

    assertThat(future.cancel(false)).isTrue();

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(loop.snapshot().timedCallbacks()).isZero();
    assertThat(future.isCancelled()).isTrue();
    assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
    assertThat(log).isEmpty();
  }

  @Test
  void oneThatIsCancelledByWhatRunsJustBeforeItDoesNotRun() {
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    view.schedule(() -> futures.get(0).cancel(true), 5, MILLISECONDS);
    futures.add(view.schedule(() -> log("ran"), 5, MILLISECONDS));

    advance(5);

    assertThat(log).isEmpty();
    assertThat(futures.get(0).isCancelled()).isTrue();
  }

  @Test
  void aCancelAfterTheRunIsTooLate() {
    ScheduledFuture<?> future = view.schedule(() -> log("ran"), 5, MILLISECONDS);
    advance(5);

    assertThat(future.cancel(true)).isFalse();
    assertThat(future.isCancelled()).isFalse();
  }

  // ------------------------------------------------------------------ periodic

  @Test
  void aFixedRateCountsFromTheFirstDeadline() {
    ScheduledFuture<?> future = view.scheduleAtFixedRate(() -> log("tick"), 5, 10, MILLISECONDS);

    advance(30);

    assertThat(log).containsExactly("tick@5", "tick@15", "tick@25");
    assertThat(future.isDone()).isFalse();
    assertThat(((RunnableScheduledFuture<?>) future).isPeriodic()).isTrue();
    future.cancel(false);
  }

  /** A view on a clock that its commands move: the time that they take. */
  private final class Slow {
    final ManualTicker clock = new ManualTicker();
    final RunnableDispatcher dispatcher = rig.dispatcher(o -> o.withTicker(clock));
    final DispatcherExecutorService view = DispatcherExecutorService.of(dispatcher);

    void tick(long millisThatItTakes) {
      log.add("tick@" + millis());
      clock.move(Duration.ofMillis(millisThatItTakes));
    }

    private long millis() {
      return Duration.ofNanos(clock.read()).toMillis();
    }

    void moveAndRun(long millis) {
      clock.move(Duration.ofMillis(millis));
      dispatcher.runUntilStalled();
    }
  }

  @Test
  void missedRunsOfAFixedRateAreMadeUpForOneAfterTheOther() {
    Slow slow = new Slow();
    long[] takes = {35, 0, 0, 0, 0};
    int[] runs = {0};
    slow.view.scheduleAtFixedRate(
        () -> {
          slow.tick(takes[runs[0]++]);
          slow.dispatcher.post(() -> log.add("others in between"));
        },
        10,
        10,
        MILLISECONDS);

    slow.moveAndRun(10);
    assertThat(log)
        .containsExactly(
            "tick@10", // takes until 45, and misses 20, 30, 40
            "others in between",
            "tick@45",
            "others in between",
            "tick@45",
            "others in between",
            "tick@45",
            "others in between");
    log.clear();
    slow.moveAndRun(4);
    assertThat(log).isEmpty();
    slow.moveAndRun(1);
    assertThat(log).containsExactly("tick@50", "others in between");
  }

  @Test
  void aFixedDelayCountsFromTheEndOfEachRun() {
    Slow slow = new Slow();
    slow.view.scheduleWithFixedDelay(() -> slow.tick(7), 5, 10, MILLISECONDS);

    slow.moveAndRun(5); // takes until 12
    slow.moveAndRun(9);
    slow.moveAndRun(1); // 22, takes until 29
    slow.moveAndRun(9);
    slow.moveAndRun(1);

    assertThat(log).containsExactly("tick@5", "tick@22", "tick@39");
  }

  @Test
  void aPeriodicCommandThatThrowsEnds() {
    RuntimeException failure = new IllegalStateException("no disk");
    ScheduledFuture<?> future =
        view.scheduleAtFixedRate(
            () -> {
              log("tick");
              if (log.size() == 2) {
                throw failure;
              }
            },
            10,
            10,
            MILLISECONDS);

    advance(100);

    assertThat(log).containsExactly("tick@10", "tick@20");
    assertThat(future.isDone()).isTrue();
    assertThat(future.isCancelled()).isFalse();
    assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCause(failure);
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aPeriodicCommandMayCancelItself() {
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    futures.add(
        view.scheduleWithFixedDelay(
            () -> {
              log("tick");
              if (log.size() == 2) {
                assertThat(futures.get(0).cancel(true)).isTrue();
                log.add("interrupted: " + Thread.currentThread().isInterrupted());
              }
            },
            10,
            10,
            MILLISECONDS));

    advance(100);

    assertThat(log).containsExactly("tick@10", "tick@20", "interrupted: false");
    assertThat(futures.get(0).isCancelled()).isTrue();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    view.shutdown();
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void aPeriodicCommandThatIsCancelledBetweenItsRunsIsNoWorkAnyMore() {
    ScheduledFuture<?> future = view.scheduleAtFixedRate(() -> log("tick"), 0, 1, HOURS);
    loop.runUntilStalled();

    rig.elsewhere(() -> assertThat(future.cancel(false)).isTrue());

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("tick@0");
    assertThat(future.isCancelled()).isTrue();
  }

  @Test
  void aPeriodicCommandThatIsCancelledDuringItsRunFromElsewhereEndsWithIt() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    ScheduledFuture<?> future =
        view.scheduleAtFixedRate(
            () -> {
              log("tick");
              running.countDown();
              awaitQuietly(cancelled);
            },
            0,
            1,
            HOURS);
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion);
    awaitQuietly(running);

    assertThat(future.cancel(true)).isTrue();
    view.shutdown();
    assertThat(view.isTerminated()).as("it still runs").isFalse();
    cancelled.countDown();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("tick@0");
    assertThat(view.isTerminated()).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void aPeriodHasToBeAboveZero() {
    for (long period : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> view.scheduleAtFixedRate(() -> {}, 1, period, SECONDS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("" + period);
      assertThatThrownBy(() -> view.scheduleWithFixedDelay(() -> {}, 1, period, SECONDS))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aPeriodThatDoesNotFitMeansNotAgain() {
    ScheduledFuture<?> rate = view.scheduleAtFixedRate(() -> log("rate"), 5, Long.MAX_VALUE, DAYS);
    ScheduledFuture<?> delay =
        view.scheduleWithFixedDelay(() -> log("delay"), 5, Long.MAX_VALUE, DAYS);

    rig.time().advance(Duration.ofDays(365 * 200));

    assertThat(log).containsExactly("rate@432000000", "delay@432000000"); // five days
    assertThat(rate.isDone()).isFalse();
    assertThat(delay.isDone()).isFalse();
  }

  // ------------------------------------------------------------------ Delayed

  @Test
  void theDelayIsWhatIsLeft() {
    ScheduledFuture<?> future = view.schedule(() -> {}, 10, MILLISECONDS);
    assertThat(future.getDelay(MILLISECONDS)).isEqualTo(10);
    assertThat(future.getDelay(NANOSECONDS)).isEqualTo(10_000_000);

    advance(4);
    assertThat(future.getDelay(MILLISECONDS)).isEqualTo(6);
    advance(10);
    assertThat(future.getDelay(MILLISECONDS)).isEqualTo(-4);

    ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> {}, 3, 10, MILLISECONDS);
    advance(4);
    assertThat(periodic.getDelay(MILLISECONDS)).isEqualTo(9);
    Delayed submitted = (Delayed) view.submit(() -> {});
    assertThat(submitted.getDelay(NANOSECONDS)).isZero();
  }

  @Test
  void futuresAreOrderedByDeadlineThenBySubmission() {
    ScheduledFuture<?> late = view.schedule(() -> {}, 20, MILLISECONDS);
    ScheduledFuture<?> early = view.schedule(() -> {}, 10, MILLISECONDS);
    ScheduledFuture<?> earlyToo = view.schedule(() -> {}, 10, MILLISECONDS);
    Delayed atOnce = (Delayed) view.submit(() -> {});

    List<Delayed> sorted = new ArrayList<>(List.of(late, earlyToo, early, atOnce));
    sorted.sort(null);

    assertThat(sorted).containsExactly(atOnce, early, earlyToo, late);
    Delayed same = sorted.get(3);
    assertThat(late.compareTo(same)).isZero();
  }

  @Test
  void futuresCompareWithThoseOfOthersByTheDelayThatIsLeft() {
    ScheduledFuture<?> future = view.schedule(() -> {}, 10, MILLISECONDS);
    ScheduledFuture<?> ofAnotherView =
        DispatcherExecutorService.of(loop).schedule(() -> {}, 20, MILLISECONDS);

    assertThat(future.compareTo(delayed(9))).isPositive();
    assertThat(future.compareTo(delayed(10))).isZero();
    assertThat(future.compareTo(delayed(11))).isNegative();
    assertThat(future.compareTo(ofAnotherView)).isNegative();
    assertThat(ofAnotherView.compareTo(future)).isPositive();
  }

  private static Delayed delayed(long millis) {
    return new Delayed() {
      @Override
      public long getDelay(TimeUnit unit) {
        return unit.convert(millis, MILLISECONDS);
      }

      @Override
      public int compareTo(Delayed other) {
        return Long.compare(getDelay(NANOSECONDS), other.getDelay(NANOSECONDS));
      }
    };
  }

  @Test
  void itMayHideBehindTheWrapperOfTheJdk() {
    ScheduledExecutorService wrapped = Executors.unconfigurableScheduledExecutorService(view);
    wrapped.schedule(() -> log("wrapped"), 3, MILLISECONDS);

    advance(3);

    assertThat(log).containsExactly("wrapped@3");
  }
}
