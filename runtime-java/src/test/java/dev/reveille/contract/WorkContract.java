package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.TimedPost;
import dev.reveille.Timer;
import dev.reveille.WorkGuard;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** What is work, and how {@code runToCompletion()} knows that none is left. */
public interface WorkContract extends ContractGroup {

  @Test
  default void withoutWorkRunToCompletionReturnsAtOnce() {
    assertThat(rig().runToCompletion(rig().loop())).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void aSleepingTaskIsWork() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    Driving driving = rig().driveToCompletion(loop).awaitAsleep();
    assertThat(driving.isRunning()).isTrue();

    sleeper.wakeToEnd();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void anArmedTimedCallbackIsWork() {
    Dispatcher loop = rig().loop();
    boolean[] ran = {false};
    loop.postAfter(Duration.ofHours(1), () -> ran[0] = true);

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);
    assertThat(ran[0]).isFalse();
    rig().time().autoAdvance();
    assertThat(rig().runToCompletion(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(ran[0]).isTrue();
  }

  @Test
  default void aTimedCallbackThatWasCancelledOnTheLoopIsNoWork() {
    Dispatcher loop = rig().loop();
    TimedPost timed = loop.postAfter(Duration.ofHours(1), () -> {});
    loop.post(timed::cancel);

    assertThat(rig().runToCompletion(loop)).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void anArmedTimerThatNobodyWaitsForIsNoWork() {
    Dispatcher loop = rig().loop();
    new Timer(loop).reset(Duration.ofHours(1));

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
    assertThat(rig().runToCompletion(loop)).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void anOpenGuardIsWork() {
    Dispatcher loop = rig().loop();
    WorkGuard guard = loop.workGuard();
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);

    guard.close();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
    assertThat(guard.isClosed()).isTrue();
  }

  @Test
  default void closingTheLastGuardWakesTheLoop() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    WorkGuard first = loop.workGuard();
    WorkGuard last = loop.workGuard();
    Driving driving = rig().driveToCompletion(loop).awaitAsleep();

    first.close();
    assertThat(driving.isRunning()).isTrue();
    last.close();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void closingAGuardTwiceCountsOnce() {
    Dispatcher loop = rig().loop();
    WorkGuard twice = loop.workGuard();
    WorkGuard other = loop.workGuard();
    twice.close();
    twice.close();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);
    other.close();
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void aGuardMayBeClosedOnTheLoop() {
    Dispatcher loop = rig().loop();
    WorkGuard guard = loop.workGuard();
    loop.post(guard::close);

    assertThat(rig().runToCompletion(loop)).isEqualTo(RunOutcome.IDLE);
  }

  /** Rounds of a race: who posts and then gives up its guard must not be left behind. */
  @Test
  default void whatWasPostedBeforeTheGuardWasClosedIsRun() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    for (int round = 0; round < 2_000; round++) {
      boolean[] ran = {false};
      WorkGuard guard = loop.workGuard();
      FutureTask<Boolean> poster =
          rig()
              .start(
                  "poster",
                  () -> {
                    loop.post(() -> ran[0] = true);
                    guard.close();
                    return true;
                  });
      assertThat(rig().runToCompletion(loop)).isEqualTo(RunOutcome.IDLE);
      assertThat(ran[0]).as("round %d", round).isTrue();
      Rig.await(poster);
    }
  }
}
