package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.TimedPost;
import dev.reveille.Waker;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Timed callbacks: armed and cancelled by any thread. */
public interface TimedPostContract extends ContractGroup {

  @Test
  default void aTimedCallbackRunsOnceAtItsTime() {
    Dispatcher loop = rig().loop();
    List<Long> ran = new ArrayList<>();
    TimedPost timed = loop.postAfter(Duration.ofSeconds(5), () -> ran.add(rig().time().read()));
    assertThat(timed.isDone()).isFalse();
    assertThat(timed.deadline()).isEqualTo(Duration.ofSeconds(5).toNanos());

    rig().advance(Duration.ofSeconds(20));

    assertThat(ran).containsExactly(Duration.ofSeconds(5).toNanos());
    assertThat(timed.isDone()).isTrue();
    assertThat(timed.isCancelled()).isFalse();
    assertThat(timed.cancel()).isFalse();
  }

  @Test
  default void aCancelledTimedCallbackDoesNotRun() {
    Dispatcher loop = rig().loop();
    boolean[] ran = {false};
    TimedPost onItsWay = loop.postAfter(Duration.ofSeconds(1), () -> ran[0] = true);
    TimedPost armed = loop.postAfter(Duration.ofSeconds(1), () -> ran[0] = true);
    assertThat(onItsWay.cancel()).isTrue();
    rig().settle(loop);
    assertThat(armed.cancel()).isTrue();

    rig().advance(Duration.ofSeconds(5));

    assertThat(ran[0]).isFalse();
    assertThat(List.of(onItsWay, armed))
        .allSatisfy(
            timed -> {
              assertThat(timed.isDone()).isTrue();
              assertThat(timed.isCancelled()).isTrue();
              assertThat(timed.cancel()).isFalse();
            });
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void aCallbackForNeverIsKeptAndNotRun() {
    Dispatcher loop = rig().loop();
    boolean[] ran = {false};
    TimedPost never = loop.postAfter(Duration.ofSeconds(Long.MAX_VALUE), () -> ran[0] = true);
    rig().advance(Duration.ofDays(1_000));
    assertThat(ran[0]).isFalse();
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);

    never.cancel();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void armedFromElsewhereItEndsASleepThatIsTooLong() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    loop.postAfter(Duration.ofHours(1), () -> {});
    CountDownLatch ran = new CountDownLatch(1);
    rig().drive(loop).awaitAsleep();

    loop.postAfter(Duration.ofMillis(1), ran::countDown);

    Rig.await(ran);
  }

  @Test
  default void cancelledFromElsewhereItLetsRunToCompletionReturn() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    TimedPost timed = loop.postAfter(Duration.ofHours(1), () -> {});
    Driving driving = rig().driveToCompletion(loop).awaitAsleep();

    assertThat(timed.cancel()).isTrue();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void cancelledFromElsewhereItLetsADrainingDispatcherClose() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    TimedPost timed = loop.postAfter(Duration.ofHours(1), () -> {});
    Driving driving = rig().drive(loop).awaitAsleep();
    loop.shutdown();
    driving.awaitAsleep();

    assertThat(timed.cancel()).isTrue();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
  }

  @Test
  default void aCancelledTimedCallbackIsLetGoAtOnce() {
    Dispatcher loop = rig().loop();
    List<TimedPost> timed = new ArrayList<>();
    WeakReference<Object> held = armOneThatHoldsSomething(loop, timed);

    timed.get(0).cancel();

    assertThat(Rig.collectGarbageUntil(() -> held.get() == null)).isTrue();
  }

  private WeakReference<Object> armOneThatHoldsSomething(Dispatcher loop, List<TimedPost> timed) {
    Waker something =
        new Waker() {
          @Override
          public void wake() {}
        };
    timed.add(loop.postAfter(Duration.ofHours(1), something::wake));
    rig().settle(loop);
    return new WeakReference<>(something);
  }

  /** Rounds of a race: each callback either runs or was cancelled, never both, never neither. */
  @Test
  default void cancelAndFireAgreeWhoWon() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    int rounds = 3_000;
    AtomicInteger ran = new AtomicInteger();
    var guard = loop.workGuard();
    Driving driving = rig().driveToCompletion(loop);
    FutureTask<Integer> canceller =
        rig()
            .start(
                "canceller",
                () -> {
                  int cancelled = 0;
                  for (int i = 0; i < rounds; i++) {
                    TimedPost timed =
                        loop.postAfter(Duration.ofNanos(i % 50_000), ran::getAndIncrement);
                    for (int spin = i % 200; spin > 0; spin--) {
                      Thread.onSpinWait();
                    }
                    if (timed.cancel()) {
                      cancelled++;
                    }
                  }
                  return cancelled;
                });
    int cancelled = Rig.await(canceller);
    guard.close();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(cancelled + ran.get()).isEqualTo(rounds);
  }
}
