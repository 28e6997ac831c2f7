package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Time that moves by itself when everybody sleeps. */
@Timeout(value = 25, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class AutoAdvanceTest {
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
}
