package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing starves beside a task that always wakes itself. */
public interface FairnessContract extends ContractGroup {

  @Test
  default void theLoopLooksAtItsInboxAtLeastEverySixtyFourPolls() {
    Dispatcher loop = rig().loop();
    int[] polls = {0};
    int[] pollsWhenTaken = {0};
    loop.post(
        Tasks.of(
            "restless",
            cx -> {
              if (++polls[0] == 1) {
                rig().elsewhere(() -> loop.post(() -> pollsWhenTaken[0] = polls[0]));
              }
              if (polls[0] == 1_000) {
                return Poll.ready();
              }
              cx.waker("itself").wake();
              return Poll.pending();
            }));

    rig().settle(loop);

    assertThat(pollsWhenTaken[0]).isBetween(1, 65);
  }

  @Test
  default void theLoopLooksAtItsTimersAtLeastEverySixtyFourPolls() {
    ManualTicker clock = new ManualTicker();
    Dispatcher loop = rig().loop(options -> options.withTicker(clock));
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    int[] polls = {0};
    int[] pollsWhenTimerFired = {0};
    int[] pollsWhenCallbackRan = {0};
    loop.postAfter(Duration.ofSeconds(1), () -> pollsWhenCallbackRan[0] = polls[0]);
    loop.spawn(
        "waits",
        cx -> {
          Poll<?> poll = timer.poll(cx);
          pollsWhenTimerFired[0] = polls[0];
          return poll;
        });
    loop.post(
        Tasks.of(
            "restless",
            cx -> {
              if (++polls[0] == 1) {
                clock.move(Duration.ofSeconds(1));
              }
              if (polls[0] == 1_000) {
                return Poll.ready();
              }
              cx.waker("itself").wake();
              return Poll.pending();
            }));

    rig().settle(loop);

    assertThat(pollsWhenTimerFired[0]).isBetween(1, 65);
    assertThat(pollsWhenCallbackRan[0]).isBetween(1, 65);
  }

  @Test
  default void aSelfWakingTaskLetsCallbacksThrough() {
    Dispatcher loop = rig().loop();
    List<Integer> seen = new ArrayList<>();
    int[] polls = {0};
    loop.post(
        Tasks.of(
            "restless",
            cx -> {
              if (++polls[0] == 10) {
                return Poll.ready();
              }
              int now = polls[0];
              loop.post(() -> seen.add(polls[0] - now));
              cx.waker("itself").wake();
              return Poll.pending();
            }));

    rig().settle(loop);

    assertThat(seen).hasSize(9).containsOnly(0);
  }

  @Test
  default void theClockIsReadOnceATurnAndNotOnceAPoll() {
    ManualTicker clock = new ManualTicker();
    Dispatcher loop = rig().loop(options -> options.withTicker(clock));
    loop.post(Tasks.selfWaking("restless", 64 * 100));
    long before = clock.reads();

    rig().settle(loop);

    assertThat(clock.reads() - before).isBetween(100L, 110L);
  }

  @Test
  default void theLengthOfATurnIsAnOption() {
    ManualTicker clock = new ManualTicker();
    Dispatcher loop = rig().loop(options -> options.withTicker(clock).withPollsPerTurn(5));
    loop.post(Tasks.selfWaking("restless", 500));
    long before = clock.reads();

    rig().settle(loop);

    assertThat(clock.reads() - before).isBetween(100L, 110L);
  }

  @Test
  default void aPollWithinATurnSeesOneTime() {
    ManualTicker clock = new ManualTicker();
    Dispatcher loop = rig().loop(options -> options.withTicker(clock));
    List<Long> times = new ArrayList<>();
    loop.spawn(
        "asks",
        cx -> {
          times.add(cx.now());
          clock.move(Duration.ofSeconds(1));
          times.add(cx.now());
          return Poll.ready();
        });

    rig().settle(loop);

    assertThat(times).containsExactly(0L, 0L);
  }

  @Test
  default void aPollWhoseBudgetIsSpentIsQueuedAgain() {
    Dispatcher loop = rig().loop(options -> options.withBudget(10));
    List<String> log = new ArrayList<>();
    int[] steps = {0};
    loop.post(
        Tasks.of(
            "greedy",
            cx -> {
              int before = steps[0];
              while (steps[0] < 25) {
                if (!cx.tryProceed()) {
                  log.add("stopped after " + (steps[0] - before) + ", " + cx.isBudgetSpent());
                  return Poll.pending();
                }
                steps[0]++;
              }
              log.add("done");
              return Poll.ready();
            }));
    loop.post(() -> log.add("other"));

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(log)
        .containsExactly("stopped after 10, true", "other", "stopped after 10, true", "done");
  }

  @Test
  default void theBudgetIsOneForAPollAndAllThatItPolls() {
    Dispatcher loop = rig().loop(options -> options.withBudget(10));
    List<Integer> granted = new ArrayList<>();
    loop.spawn(
        "parent",
        cx -> {
          int steps = 0;
          while (cx.withWaker(cx.waker("children")).tryProceed()) {
            steps++;
          }
          granted.add(steps);
          return Poll.ready();
        });
    loop.spawn(
        "next",
        cx -> {
          int steps = 0;
          while (cx.tryProceed()) {
            steps++;
          }
          granted.add(steps);
          return Poll.ready();
        });

    rig().settle(loop);

    assertThat(granted).containsExactly(10, 10);
  }
}
