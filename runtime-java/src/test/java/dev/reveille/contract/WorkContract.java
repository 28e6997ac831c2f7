package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
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
    assertThat(rig().dispatcher().runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void aSleepingTaskIsWork() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    Driving driving = rig().drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
    assertThat(driving.isRunning()).isTrue();

    sleeper.wakeToEnd();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void anArmedTimedCallbackIsWork() {
    RunnableDispatcher loop = rig().dispatcher();
    boolean[] ran = {false};
    rig().time().autoAdvance();
    loop.postAfter(Duration.ofHours(1), () -> ran[0] = true);

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(ran[0]).isFalse();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(ran[0]).isTrue();
  }

  @Test
  default void aTimedCallbackThatWasCancelledOnTheLoopIsNoWork() {
    RunnableDispatcher loop = rig().dispatcher();
    TimedPost timed = loop.postAfter(Duration.ofHours(1), () -> {});
    loop.post(timed::cancel);

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void anArmedTimerThatNobodyWaitsForIsNoWork() {
    RunnableDispatcher loop = rig().dispatcher();
    new Timer(loop).reset(Duration.ofHours(1));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void anOpenGuardIsWork() {
    RunnableDispatcher loop = rig().dispatcher();
    WorkGuard guard = loop.workGuard();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    guard.close();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(guard.isClosed()).isTrue();
  }

  @Test
  default void closingTheLastGuardWakesTheLoop() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    WorkGuard first = loop.workGuard();
    WorkGuard last = loop.workGuard();
    Driving driving = rig().drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();

    first.close();
    assertThat(driving.isRunning()).isTrue();
    last.close();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void closingAGuardTwiceCountsOnce() {
    RunnableDispatcher loop = rig().dispatcher();
    WorkGuard twice = loop.workGuard();
    WorkGuard other = loop.workGuard();
    twice.close();
    twice.close();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    other.close();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void aGuardMayBeClosedOnTheLoop() {
    RunnableDispatcher loop = rig().dispatcher();
    WorkGuard guard = loop.workGuard();
    loop.post(guard::close);

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  /** Rounds of a race: who posts and then gives up its guard must not be left behind. */
  @Test
  default void whatWasPostedBeforeTheGuardWasClosedIsRun() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
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
      assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
      assertThat(ran[0]).as("round %d", round).isTrue();
      Rig.await(poster);
    }
  }
}
