package dev.reveille.callbacks.executors;

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
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
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
