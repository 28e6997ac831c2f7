package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.ManualTicker;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the contract of dispatchers leaves open about {@link Timer}. */
final class TimerTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void aTimerThatWasNeverArmedThrowsWhenPolledNamingTheTask() {
    Timer timer = new Timer(loop);
    loop.spawn("too early", timer::poll);

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'too early'"));
  }

  @Test
  void aTimerThatWasCancelledThrowsWhenPolled() {
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    timer.cancel();
    loop.spawn("too late", timer::poll);

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).hasMessageContaining("'too late'"));
  }

  @Test
  void aRelativeResetCountsFromNowAndNotFromTheLoopsLastLookAtTheClock() {
    ManualTicker clock = new ManualTicker();
    RunnableDispatcher manual = rig.dispatcher(options -> options.withTicker(clock));
    Timer timer = new Timer(manual);
    manual.post(
        () -> {
          clock.move(Duration.ofSeconds(5));
          timer.reset(Duration.ofSeconds(1));
        });
    manual.runUntilStalled();
    assertThat(timer.hasFired()).isFalse();

    clock.move(Duration.ofSeconds(1).minusNanos(1));
    manual.runUntilStalled();
    assertThat(timer.hasFired()).isFalse();
    clock.move(Duration.ofNanos(1));
    manual.runUntilStalled();
    assertThat(timer.hasFired()).isTrue();
  }

  /** They share a slot of the wheel. To search that for each of them would take a minute. */
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aCrowdThatIsArmedWhileNobodyRunsIsNotSearchedForEach() {
    int crowd = 200_000;
    for (int i = 0; i < crowd; i++) {
      loop.postAt(30_000_000_000L + i, () -> {});
    }
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(loop.snapshot().timedCallbacks()).isEqualTo(crowd);
  }

  @Test
  void aTaskThatPolledBeforeAResetIsWokenAtTheNewDeadline() {
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    List<Long> ready = new ArrayList<>();
    loop.spawn(
        cx -> {
          Poll<Complete> poll = timer.poll(cx);
          if (poll.isReady()) {
            ready.add(cx.now());
          }
          return poll;
        });
    loop.runUntilStalled();

    timer.resetAt(50);
    rig.time().advance(Duration.ofNanos(20));
    timer.resetAt(30);
    rig.time().advance(Duration.ofNanos(100));

    assertThat(ready).containsExactly(30L);
  }

  @Test
  void aSecondTaskThatWaitsTakesThePlaceOfTheFirstWhichIsWoken() {
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    List<String> log = new ArrayList<>();
    boolean[] evicted = {false};
    loop.spawn(
        "first",
        cx -> {
          if (evicted[0]) {
            log.add("first goes elsewhere");
            return Poll.ready();
          }
          return timer.poll(cx);
        });
    loop.runUntilStalled();
    loop.spawn(
        "second",
        cx -> {
          evicted[0] = true;
          return timer.poll(cx).map(complete -> log.add("second"));
        });
    loop.runUntilStalled();
    rig.time().advance(Duration.ofNanos(10));

    assertThat(log).containsExactly("first goes elsewhere", "second");
  }

  /** Each poll by one takes the place of the other; only a reset in between makes that fair. */
  private List<String> takeTurns(boolean reset) {
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    List<String> polls = new ArrayList<>();
    int[] left = {6};
    for (String name : List.of("a", "b")) {
      loop.spawn(
          name,
          cx -> {
            polls.add(name);
            if (left[0]-- == 0) {
              return Poll.ready();
            }
            if (reset) {
              timer.resetAt(10 + left[0]);
            }
            return timer.poll(cx);
          });
    }
    loop.runUntilStalled();
    return polls;
  }

  @Test
  void whoTakesItsPlaceBackIsTold() {
    assertThat(takeTurns(/* reset= */ false)).containsExactly("a", "b", "a");
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).hasMessageContaining("evict each other"));
  }

  @Test
  void aResetForgetsWhoLostItsPlace() {
    assertThat(takeTurns(/* reset= */ true)).containsExactly("a", "b", "a", "b", "a", "b", "a");
    assertThat(rig.takeUncaught()).isEmpty();
  }

  @Test
  void whoPollsTwiceAfterItTookThePlaceOfAnotherIsNotToldAnything() {
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    List<String> log = new ArrayList<>();
    loop.spawn("first", cx -> log.isEmpty() ? timer.poll(cx) : Poll.ready());
    loop.runUntilStalled();
    Waker[] again = {Waker.none()};
    loop.spawn(
        "second",
        cx -> {
          again[0] = cx.waker("again");
          log.add("polled");
          return timer.poll(cx);
        });
    loop.runUntilStalled();
    for (int i = 0; i < 3; i++) {
      again[0].wake();
      loop.runUntilStalled();
    }
    rig.time().advance(Duration.ofNanos(10));

    assertThat(log).hasSize(5);
    assertThat(rig.takeUncaught()).isEmpty();
    assertThat(timer.hasFired()).isTrue();
  }

  @Test
  void itCanBeResetAfterItFiredAndCancelledAfterThat() {
    Timer timer = new Timer(loop);
    for (int i = 1; i <= 3; i++) {
      timer.resetAt(10 * i);
      assertThat(timer.isPending()).isTrue();
      assertThat(timer.hasFired()).isFalse();
      rig.time().advance(Duration.ofNanos(10));
      assertThat(timer.isPending()).isFalse();
      assertThat(timer.hasFired()).isTrue();
    }
    timer.cancel();
    assertThat(timer.hasFired()).isFalse();
    assertThat(timer.isPending()).isFalse();
  }

  @Test
  void aCloseDisarmsWhateverElseIsArmed() {
    for (boolean callback : new boolean[] {false, true}) {
      RunnableDispatcher closing = rig.dispatcher(options -> options);
      Timer timer = new Timer(closing);
      timer.reset(Duration.ofSeconds(1));
      if (callback) {
        closing.postAfter(Duration.ofSeconds(2), () -> {});
      }
      closing.close();
      assertThat(timer.isPending()).isFalse();
      assertThat(timer.hasFired()).isFalse();
    }
  }

  @Test
  void aTickerThatStartsFarFromZeroMakesNoDifference() {
    for (long start : List.of(Long.MIN_VALUE, -1L, Long.MAX_VALUE / 2)) {
      long[] now = {start};
      RunnableDispatcher far = rig.dispatcher(options -> options.withTicker(() -> now[0]));
      List<String> log = new ArrayList<>();
      far.postAfter(Duration.ofNanos(20), () -> log.add("20"));
      far.postAfter(Duration.ofNanos(10), () -> log.add("10"));
      Timer timer = new Timer(far);
      timer.reset(Duration.ofSeconds(1));
      far.runUntilStalled();
      assertThat(log).isEmpty();

      now[0] += 20;
      far.runUntilStalled();
      assertThat(log).containsExactly("10", "20");
      now[0] += 1_000_000_000L - 21;
      far.runUntilStalled();
      assertThat(timer.hasFired()).isFalse();
      now[0] += 1;
      far.runUntilStalled();
      assertThat(timer.hasFired()).as("from %d", start).isTrue();
    }
  }

  @Test
  void aTimerOfAClosedDispatcherDoesNothing() {
    Timer timer = new Timer(loop);
    loop.close();

    timer.reset(Duration.ofSeconds(1));
    rig.time().advance(Duration.ofSeconds(2));
    timer.cancel();

    assertThat(timer.hasFired()).isFalse();
  }

  @Test
  void itsTextTellsTheState() {
    Timer timer = new Timer(loop);
    assertThat(timer).hasToString("Timer[not armed]");
    timer.resetAt(10);
    assertThat(timer).hasToString("Timer[armed]");
    rig.time().advance(Duration.ofNanos(10));
    assertThat(timer).hasToString("Timer[fired]");
  }
}
