package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import dev.reveille.contract.RunnableDispatcherContract;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The contract is kept by a platform that knows nothing of the inside; and what a sleep costs. */
final class HandmadeDispatcherContractTest extends RunnableDispatcherContract {
  @Override
  protected HandmadeDispatcher create(DispatcherOptions options) {
    return new HandmadeDispatcher(options);
  }

  private HandmadeDispatcher handmade() {
    return (HandmadeDispatcher) rig().onSystemClock();
  }

  /** Past its last look around: what is left now is found only after a wake-up. */
  private Driving driveUntilParked(
      HandmadeDispatcher loop, Function<RunnableDispatcher, RunOutcome> run) {
    Driving driving = rig().drive(loop, run);
    Rig.awaitState("the loop is parked", () -> loop.parks() == 1);
    return driving;
  }

  @Test
  void anOutsideWakeCostsOneWakeUpPerSleepAndNoneWhileTheLoopIsAwake() throws Exception {
    HandmadeDispatcher loop = handmade();
    Driving driving = driveUntilParked(loop, RunnableDispatcher::run);
    int before = loop.wakeups();

    loop.post(
        () -> {
          for (int i = 0; i < 100; i++) {
            rig().elsewhere(() -> loop.post(() -> {}));
          }
        });
    loop.post(() -> loop.post(loop::stop));
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);

    assertThat(loop.wakeups() - before).isBetween(1, 2); // two if it slept between the two posts
  }

  @Test
  void aDeferredCallbackWakesNobody() throws Exception {
    HandmadeDispatcher loop = handmade();
    driveUntilParked(loop, RunnableDispatcher::run);

    loop.defer(() -> {});

    assertThat(loop.wakeups()).isZero();
  }

  @Test
  void aTimedCallbackForLaterThanTheLoopSleepsWakesNobody() throws Exception {
    HandmadeDispatcher loop = handmade();
    loop.postAfter(Duration.ofHours(1), () -> {});
    driveUntilParked(loop, RunnableDispatcher::run);

    TimedPost later = loop.postAfter(Duration.ofHours(2), () -> {});
    assertThat(loop.wakeups()).isZero();
    later.cancel();
    assertThat(loop.wakeups()).isZero();
    loop.postAfter(Duration.ofMinutes(1), () -> {});
    assertThat(loop.wakeups()).isEqualTo(1);
  }

  @Test
  void aCancelledTimedCallbackWakesNobodyWhileThereIsOtherWork() throws Exception {
    HandmadeDispatcher loop = handmade();
    loop.spawn(cx -> cx.park());
    TimedPost timed = loop.postAfter(Duration.ofHours(1), () -> {});
    driveUntilParked(loop, RunnableDispatcher::runToCompletion);

    assertThat(timed.cancel()).isTrue();

    assertThat(loop.wakeups()).isZero();
  }

  @Test
  void nobodyIsWokenWhileNobodyDrives() {
    HandmadeDispatcher loop = handmade();

    for (int i = 0; i < 100; i++) {
      loop.post(() -> {});
      rig().elsewhere(() -> loop.post(() -> {}));
    }
    loop.runUntilStalled();

    assertThat(loop.wakeups()).isZero();
    assertThat(loop.parks()).isZero();
  }

  @Test
  void anIdleLoopHasNoTick() throws Exception {
    HandmadeDispatcher loop = handmade();
    loop.postAfter(Duration.ofMillis(30), loop::stop);

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);

    assertThat(loop.parks()).isBetween(1, 3); // exactly one, had the system no spurious wake-ups
    assertThat(loop.wakeups()).isZero();
  }

  @Test
  void aFailureOfThePlatformIsReportedAndSurvived() {
    int[] parks = {0};
    RunnableDispatcher[] loops = new RunnableDispatcher[1];
    List<Throwable> reported = new ArrayList<>();
    RunnableDispatcher loop =
        new RunnableDispatcher(
            DispatcherOptions.defaults().withUncaughtHandler((d, name, t) -> reported.add(t))) {
          @Override
          protected void park(long nanos) throws Exception {
            if (++parks[0] == 3) {
              loops[0].post(loops[0]::stop);
            }
            throw new IOException("park failed");
          }

          @Override
          protected void wakeLoop() {}

          @Override
          protected void onClosed() throws Exception {
            throw new IOException("close failed");
          }
        };
    loops[0] = loop;

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);
    loop.close();

    assertThat(reported)
        .extracting(Throwable::getMessage)
        .containsExactly("park failed", "park failed", "park failed", "close failed");
    assertThat(loop.isClosed()).isTrue();
  }
}
