package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.ManualTicker;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a {@link java.util.concurrent.ScheduledExecutorService} promises of what is periodic. */
final class ViewPeriodicTest {
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
}
