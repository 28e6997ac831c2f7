package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a platform sees of the loop: how often it is asked for I/O and sleep, and for how long. */
final class PlatformTest {
  private final List<Platform> platforms = new ArrayList<>();
  private final Rig rig =
      new Rig(
          options -> {
            Platform platform = new Platform(options);
            platforms.add(platform);
            return platform;
          });

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Writes down what is asked of it. Sleeps only where a test lets it. */
  private static final class Platform extends RunnableDispatcher {
    private final Semaphore permits = new Semaphore(0);
    final AtomicInteger wakeups = new AtomicInteger();
    final List<Long> sleeps = new ArrayList<>();
    final List<Long> earliest = new ArrayList<>();
    int looks;
    boolean sleepless;
    Runnable onLook = () -> {};
    Runnable onSleep = () -> {};

    Platform(DispatcherOptions options) {
      super(options);
    }

    @Override
    protected void newEarliestTimer() {
      earliest.add(earliestTimerExpiry());
    }

    @Override
    protected void park(long nanos) throws InterruptedException {
      sleeps.add(nanos);
      onSleep.run();
      if (sleepless) {
        return;
      }
      if (nanos == Long.MAX_VALUE) {
        permits.acquire();
      } else if (nanos > 0 && !permits.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
        return; // the time is over
      }
      permits.drainPermits();
    }

    @Override
    protected void wakeLoop() {
      wakeups.getAndIncrement();
      permits.release();
    }

    @Override
    protected void pollEvents() {
      looks++;
      onLook.run();
    }

    long earliest() {
      boolean taken = enterLoop("earliest");
      try {
        return earliestTimerExpiry();
      } finally {
        exitLoop(taken);
      }
    }

    void awakenUpTo(long time) {
      boolean taken = enterLoop("awakenUpTo");
      try {
        awakenTimersUpTo(time);
      } finally {
        exitLoop(taken);
      }
    }
  }

  private Platform platform(UnaryOperator<DispatcherOptions> change) {
    rig.dispatcher(change);
    return platforms.get(platforms.size() - 1);
  }

  // ------------------------------------------------------------------ the look outside

  /** "in between it reads neither clock nor selector" */
  @Test
  void ioIsLookedAtOnceInSixtyFourPolls() {
    Platform loop = platform(options -> options);
    loop.spawn(
        "self-waking",
        cx -> {
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(loop.runUntilStalled(640)).isEqualTo(RunOutcome.STEP_LIMIT);

    assertThat(loop.looks).isEqualTo(10);
  }

  /** "and always before it sleeps": by the sleep itself, which waits for I/O anyway. */
  @Test
  void aRunThatMaySleepLeavesIoToTheSleepAndOneThatMayNotLooks() {
    Platform loop = platform(options -> options.withTicker(Ticker.system()));
    loop.sleepless = true;
    loop.spawn("waits for I/O", cx -> cx.park());
    loop.runUntilStalled();
    int looks = loop.looks;
    assertThat(loop.sleeps).isEmpty();
    assertThat(looks).isPositive();

    assertThat(loop.runFor(Duration.ofMillis(2))).isEqualTo(RunOutcome.TIME_UP);

    assertThat(loop.looks).isEqualTo(looks);
    assertThat(loop.sleeps).isNotEmpty();
  }

  /**
   * A selector would report again all whose turn has not come: 1000 ready sockets, looked at every
   * 64 polls, would be reported sixteen times each. Here 640 callbacks are found by the first look,
   * behind 64 tasks that are always ready; they have run after 704 steps.
   */
  @Test
  void ioIsNotLookedAtAgainBeforeWhatTheLastLookFoundHasRun() {
    Platform loop = platform(options -> options);
    for (int i = 0; i < 64; i++) {
      loop.spawn(
          "self-waking",
          cx -> {
            cx.waker("itself").wake();
            return Poll.pending();
          });
    }
    List<Integer> found = new ArrayList<>();
    loop.onLook =
        () -> {
          for (int i = 0; i < 640 && loop.looks == 1; i++) {
            loop.post(() -> found.add(loop.looks));
          }
        };

    assertThat(loop.runUntilStalled(704)).isEqualTo(RunOutcome.STEP_LIMIT);
    assertThat(found).hasSize(640).containsOnly(1);
    assertThat(loop.runUntilStalled(640)).isEqualTo(RunOutcome.STEP_LIMIT);

    assertThat(loop.looks).isEqualTo(1 + 10);
  }

  /** What the sleep has found is run without a second look: a system call less per sleep. */
  @Test
  void theSleepWasALook() {
    Platform loop = platform(options -> options.withTicker(Ticker.system()));
    loop.sleepless = true;
    loop.spawn("waits for I/O", cx -> cx.park());
    loop.runUntilStalled();
    int looks = loop.looks;
    AtomicInteger found = new AtomicInteger();
    loop.onSleep = () -> loop.post(found::getAndIncrement);

    assertThat(loop.runFor(Duration.ofMillis(2))).isEqualTo(RunOutcome.TIME_UP);

    assertThat(found.get()).isPositive();
    assertThat(loop.looks).isEqualTo(looks);
  }

  /** A loop that is always kept from its sleep, here by mock time, looks itself. */
  @Test
  void aSleepThatDidNotComeToPassWasNoLook() {
    MockTime time = new MockTime();
    time.autoAdvance();
    Platform loop = platform(options -> options.withTicker(time));
    int[] left = {100};
    Runnable[] again = new Runnable[1];
    again[0] =
        () -> {
          if (--left[0] > 0) {
            loop.postAfter(Duration.ofMillis(1), again[0]);
          }
        };
    loop.postAfter(Duration.ofMillis(1), again[0]);

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(loop.sleeps).isEmpty();
    assertThat(loop.looks).isGreaterThanOrEqualTo(100);
  }

  // ------------------------------------------------------------------ the sleep

  /** "Optional slack coalesces." Two deadlines a little apart cost one sleep. */
  @Test
  void deadlinesWithinTheSlackCostOneSleep() {
    long[] now = {0};
    List<Long> fired = new ArrayList<>();
    RunnableDispatcher loop =
        sleeping(now, DispatcherOptions.defaults().withTimerSlack(Duration.ofNanos(50)), fired);
    loop.postAt(100, () -> fired.add(now[0]));
    loop.postAt(140, () -> fired.add(now[0]));
    loop.postAt(151, () -> fired.add(now[0]));

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(fired).containsExactly(-150L, 150L, 150L, -201L, 201L);
    loop.close();
  }

  /** "exactly until the earliest deadline, without ticks" */
  @Test
  void withoutSlackEachDeadlineHasItsOwnSleep() {
    long[] now = {0};
    List<Long> fired = new ArrayList<>();
    RunnableDispatcher loop = sleeping(now, DispatcherOptions.defaults(), fired);
    loop.postAt(100, () -> fired.add(now[0]));
    loop.postAt(140, () -> fired.add(now[0]));

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(fired).containsExactly(-100L, 100L, -140L, 140L);
    loop.close();
  }

  /** Sleeps by moving its own clock; writes the end of each sleep into the log, negated. */
  private static RunnableDispatcher sleeping(
      long[] now, DispatcherOptions options, List<Long> log) {
    return new RunnableDispatcher(options.withTicker(() -> now[0])) {
      @Override
      protected void park(long nanos) {
        now[0] += nanos;
        log.add(-now[0]);
      }

      @Override
      protected void wakeLoop() {}
    };
  }

  /** "Spinning before the sleep is an option, off by default." */
  @Test
  void aLoopThatSpinsTakesWhatComesWithoutASleepOrAWakeup() throws Exception {
    Platform loop = platform(options -> options.withSpins(Integer.MAX_VALUE));
    boolean[] ran = {false};
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    Rig.awaitState("the loop runs", () -> loop.snapshot().driver() != null);

    loop.post(() -> ran[0] = true);
    loop.post(loop::stop);

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
    assertThat(ran[0]).isTrue();
    assertThat(loop.sleeps).isEmpty();
    assertThat(loop.wakeups).hasValue(0);
    assertThat(DispatcherOptions.defaults().spins()).isZero();
  }

  // ------------------------------------------------------------------ the timers, for a platform

  /** The SPI of SEED-0112: EarliestTimerExpiry, AwakenTimersUpTo. */
  @Test
  void aPlatformMayAskForTheEarliestDeadlineAndFireWhatIsDue() {
    Platform loop = platform(options -> options);
    List<String> log = new ArrayList<>();
    assertThat(loop.earliest()).isEqualTo(Long.MAX_VALUE);
    loop.postAt(300, () -> log.add("300"));
    loop.postAt(100, () -> log.add("100"));
    Timer timer = new Timer(loop);
    timer.resetAt(50);
    assertThat(loop.earliest()).isEqualTo(50);

    loop.awakenUpTo(100);

    assertThat(timer.hasFired()).isTrue();
    assertThat(loop.earliest()).isEqualTo(300);
    assertThat(log).isEmpty();
    loop.runUntilStalled();
    assertThat(log).containsExactly("100");
  }

  /** For one who wakes it by a clock of its own: in a run nobody has to be told. */
  @Test
  void thePlatformIsToldOfANewEarliestTimerThatIsArmedBetweenRuns() {
    RunnableDispatcher loop = rig.dispatcher();
    Platform platform = platforms.get(0);
    Timer first = new Timer(loop);
    Timer second = new Timer(loop);
    first.resetAt(100);
    second.resetAt(200);
    assertThat(platform.earliest).containsExactly(100L);

    second.resetAt(50);
    assertThat(platform.earliest).containsExactly(100L, 50L);

    loop.post(() -> first.resetAt(10));
    loop.runUntilStalled();
    assertThat(platform.earliest).containsExactly(100L, 50L);
    assertThat(platform.wakeups).hasValue(0);
  }
}
