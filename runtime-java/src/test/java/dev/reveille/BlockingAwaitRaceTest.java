package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A thread that gives up just when the value comes: one of both happens, never neither. */
class BlockingAwaitRaceTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
  }

  /**
   * Pigweed's BlockingReceive with a time-out does not look again after it has deregistered: what
   * was received meanwhile is dropped. Here the time is over while the poll that takes the value is
   * running.
   */
  @Test
  void aValueThatIsTakenWhileTheTimeRunsOutIsReturned() throws Exception {
    rig.drive(loop, RunnableDispatcher::run);
    CountDownLatch polling = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    FutureTask<String> waiting =
        rig.start(
            "waiting",
            () ->
                loop.blockingAwait(
                    cx -> {
                      polling.countDown();
                      await(goOn);
                      return Poll.ready("taken");
                    },
                    Duration.ofMillis(100))); // the poll has to begin before
    await(polling);
    long begin = System.nanoTime();
    Rig.awaitState("time is over", () -> System.nanoTime() - begin > 120_000_000);
    goOn.countDown();
    assertThat(Rig.await(waiting)).isEqualTo("taken");
  }

  @Test
  void aValueThatIsTakenWhenTheThreadIsInterruptedIsReturnedAndTheInterruptKept() throws Exception {
    rig.drive(loop, RunnableDispatcher::run);
    CountDownLatch polling = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread[] waiter = new Thread[1];
    FutureTask<String> waiting =
        rig.start(
            "waiting",
            () -> {
              waiter[0] = Thread.currentThread();
              String value =
                  loop.blockingAwait(
                      cx -> {
                        polling.countDown();
                        await(goOn);
                        return Poll.ready("taken");
                      });
              return value + ", interrupted: " + Thread.interrupted();
            });
    await(polling);
    waiter[0].interrupt();
    Rig.awaitState("it has noticed", () -> waiter[0].getState() == Thread.State.WAITING);
    goOn.countDown();
    assertThat(Rig.await(waiting)).isEqualTo("taken, interrupted: true");
  }

  @Test
  void whoHasGivenUpIsNotPolledAnyMore() {
    boolean[] polled = {false};
    assertThatThrownBy(
            () ->
                loop.blockingAwait(
                    cx -> {
                      polled[0] = true;
                      return Poll.ready("lost");
                    },
                    Duration.ofMillis(1)))
        .isInstanceOf(TimeoutException.class);
    loop.runUntilStalled();
    assertThat(polled[0]).isFalse();
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  /** Each token that a task took is either returned or was never taken. */
  @Test
  void whatIsTakenIsReturnedWhateverTheTimeOut() throws Exception {
    rig.drive(loop, RunnableDispatcher::run);
    AtomicInteger taken = new AtomicInteger();
    int returned = 0;
    for (int round = 0; round < 3_000; round++) {
      boolean[] second = {false};
      try {
        returned +=
            loop.blockingAwait(
                cx -> {
                  if (!second[0]) {
                    second[0] = true;
                    cx.waker("itself").wake();
                    return Poll.pending();
                  }
                  taken.incrementAndGet();
                  return Poll.ready(1);
                },
                Duration.ofNanos(round * 20L));
      } catch (TimeoutException expected) {
        assertThat(expected).hasMessageContaining("was not done");
      }
    }
    Rig.awaitState("all have ended", () -> loop.snapshot().tasks().isEmpty());
    assertThat(returned).isEqualTo(taken.get());
  }
}
