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
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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
    Driving driving = rig.drive(driven, RunnableDispatcher::runToCompletion).awaitAsleep();

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

  @Test
  void itsTextTellsTheTime() {
    time.advance(Duration.ofSeconds(90));

    assertThat(time).hasToString("MockTime[PT1M30S]");
  }
}
