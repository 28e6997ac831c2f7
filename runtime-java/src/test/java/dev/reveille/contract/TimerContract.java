package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.Ticker;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Poll timers: never early, in exact order, on the same queue as timed callbacks. */
public interface TimerContract extends ContractGroup {

  @Test
  default void aTimerIsNeverEarly() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    Timer timer = new Timer(loop);
    for (int micros = 1; micros <= 3_000; micros += 149) {
      Duration delay = Duration.ofNanos(micros * 1_000L + micros);
      long before = Ticker.system().read();
      timer.reset(delay);
      loop.spawn("never early", timer);
      rig().runToCompletion(loop);
      assertThat(Ticker.system().read() - before).isGreaterThanOrEqualTo(delay.toNanos());
    }
  }

  @Test
  default void aTimedCallbackIsNeverEarly() {
    Dispatcher loop = rig().loopOnSystemClock();
    List<Long> early = new ArrayList<>();
    for (int micros = 1; micros <= 5_000; micros += 199) {
      Duration delay = Duration.ofNanos(micros * 1_000L + micros);
      long before = Ticker.system().read();
      loop.postAfter(
          delay,
          () -> {
            long passed = Ticker.system().read() - before;
            if (passed < delay.toNanos()) {
              early.add(passed);
            }
          });
    }

    assertThat(rig().runToCompletion(loop)).isEqualTo(RunOutcome.IDLE);
    assertThat(early).isEmpty();
  }

  @Test
  default void timersFireInTheOrderOfTheirDeadlinesAndEqualOnesInTheOrderOfArming() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    loop.post(() -> armInterleaved(loop, log));

    rig().advance(Duration.ofNanos(30));

    assertThat(log)
        .containsExactly(
            "10 callback", "10 timer", "20 callback", "20 timer", "30 timer", "30 callback");
  }

  @Test
  default void whatOneThreadArmsWhileNobodyDrivesKeepsTheOrderOfArmingToo() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    armInterleaved(loop, log);

    rig().advance(Duration.ofNanos(30));

    assertThat(log)
        .containsExactly(
            "10 callback", "10 timer", "20 callback", "20 timer", "30 timer", "30 callback");
  }

  private static void armInterleaved(Dispatcher loop, List<String> log) {
    waitFor(loop, "30 timer", 30, log);
    loop.postAt(20, () -> log.add("20 callback"));
    waitFor(loop, "20 timer", 20, log);
    loop.postAt(10, () -> log.add("10 callback"));
    waitFor(loop, "10 timer", 10, log);
    loop.postAt(30, () -> log.add("30 callback"));
  }

  /** All due in one look, and still in order. */
  @Test
  default void timersThatAreDueTogetherFireInTheirOrder() {
    ManualTicker clock = new ManualTicker();
    Dispatcher loop = rig().loop(options -> options.withTicker(clock));
    List<Integer> fired = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    int count = 1_000;
    for (int i = 0; i < count; i++) {
      int deadline = 1 + (int) (i * 7_919L % count); // a permutation: 7919 is prime
      loop.postAt(deadline * 1_000_003L, () -> fired.add(deadline));
      expected.add(i + 1);
    }
    rig().settle(loop);
    assertThat(fired).isEmpty();

    clock.move(Duration.ofHours(1));
    rig().settle(loop);

    assertThat(fired).isEqualTo(expected);
  }

  @Test
  default void aTimerResetToEarlierFiresEarlier() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    Timer timer = waitFor(loop, "timer", 100, log);
    rig().settle(loop);

    timer.resetAt(10);
    rig().advance(Duration.ofNanos(10));

    assertThat(log).containsExactly("timer");
  }

  @Test
  default void aTimerResetToLaterFiresLater() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    Timer timer = waitFor(loop, "timer", 10, log);
    rig().settle(loop);

    timer.resetAt(100);
    rig().advance(Duration.ofNanos(99));
    assertThat(log).isEmpty();
    rig().advance(Duration.ofNanos(1));

    assertThat(log).containsExactly("timer");
  }

  @Test
  default void aTimerResetToThePastFiresAtTheNextLook() {
    Dispatcher loop = rig().loop();
    rig().advance(Duration.ofSeconds(1));
    List<String> log = new ArrayList<>();
    waitFor(loop, "past", -5, log);
    waitFor(loop, "now", Duration.ofSeconds(1).toNanos(), log);
    Timer negative = new Timer(loop);
    negative.reset(Duration.ofSeconds(-3));

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("past", "now");
    assertThat(negative.hasFired()).isTrue();
  }

  @Test
  default void aResetAfterItFiredArmsItAnew() {
    Dispatcher loop = rig().loop();
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    rig().advance(Duration.ofNanos(10));
    assertThat(timer.hasFired()).isTrue();

    timer.resetAt(20);
    assertThat(timer.hasFired()).isFalse();
    assertThat(timer.isPending()).isTrue();
    rig().advance(Duration.ofNanos(10));

    assertThat(timer.hasFired()).isTrue();
    assertThat(timer.isPending()).isFalse();
  }

  @Test
  default void aCancelledTimerDoesNotFire() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    Timer timer = waitFor(loop, "timer", 10, log);
    rig().settle(loop);

    timer.cancel();
    timer.cancel();
    rig().advance(Duration.ofHours(1));

    assertThat(log).isEmpty();
    assertThat(timer.isPending()).isFalse();
    assertThat(timer.hasFired()).isFalse();
  }

  @Test
  default void aDelayThatDoesNotFitMeansNever() {
    Dispatcher loop = rig().loop();
    rig().advance(Duration.ofSeconds(1));
    Timer overflow = new Timer(loop);
    overflow.reset(Duration.ofSeconds(Long.MAX_VALUE));
    Timer sum = new Timer(loop);
    sum.reset(Duration.ofNanos(Long.MAX_VALUE));
    Timer never = new Timer(loop);
    never.resetAt(Long.MAX_VALUE);

    rig().advance(Duration.ofDays(365 * 200));

    assertThat(List.of(overflow, sum, never))
        .allSatisfy(
            timer -> {
              assertThat(timer.isPending()).isTrue();
              assertThat(timer.hasFired()).isFalse();
            });
    never.cancel();
    assertThat(never.isPending()).isFalse();
  }

  @Test
  default void aTimerThatHasFiredStaysReady() {
    Dispatcher loop = rig().loop();
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    rig().advance(Duration.ofNanos(10));
    List<Boolean> ready = new ArrayList<>();
    loop.spawn(
        "polls three times",
        cx -> {
          for (int i = 0; i < 3; i++) {
            ready.add(timer.poll(cx).isReady());
          }
          return Poll.ready();
        });

    rig().settle(loop);

    assertThat(ready).containsExactly(true, true, true);
  }

  @Test
  default void pollingAPendingTimerAgainWakesOnce() {
    Dispatcher loop = rig().loop();
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    int[] polls = {0};
    loop.spawn(
        "asks often",
        cx -> {
          polls[0]++;
          timer.poll(cx);
          timer.poll(cx);
          return timer.poll(cx);
        });
    rig().settle(loop);

    rig().advance(Duration.ofNanos(10));

    assertThat(polls[0]).isEqualTo(2);
  }

  @Test
  default void theLoopSleepsUntilTheEarliestDeadline() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    List<String> log = new ArrayList<>();
    waitFor(loop, "an hour", Ticker.system().read() + Duration.ofHours(1).toNanos(), log);
    CountDownLatch ran = new CountDownLatch(1);
    loop.postAfter(
        Duration.ofMillis(2),
        () -> {
          log.add("2 ms");
          ran.countDown();
        });

    rig().drive(loop);
    Rig.await(ran);

    assertThat(log).containsExactly("2 ms");
  }

  private static Timer waitFor(Dispatcher loop, String name, long deadline, List<String> log) {
    Timer timer = new Timer(loop);
    timer.resetAt(deadline);
    loop.spawn(
        name,
        cx -> {
          Poll<?> poll = timer.poll(cx);
          if (poll.isReady()) {
            log.add(name);
          }
          return poll;
        });
    return timer;
  }
}
