package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.spi.Host;
import dev.reveille.spi.HostedDispatcher;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of a portal, and of the dispatcher behind it. */
final class BlockingPortalLifeTest {
  private static final Duration SOON = Duration.ofMillis(20);

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final BlockingPortal portal = BlockingPortal.of(loop);

  /** Of one operation that never is ready. */
  private final CountDownLatch polled = new CountDownLatch(1);

  private final CountDownLatch givenUp = new CountDownLatch(1);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void drive() {
    loop.workGuard();
    rig.drive(loop, RunnableDispatcher::run);
  }

  private final class ForEver extends Operation<String> {
    ForEver() {
      super("for ever");
    }

    @Override
    protected Poll<String> doPoll(Context cx) {
      polled.countDown();
      return cx.park();
    }

    @Override
    protected void doCancel() {
      givenUp.countDown();
    }
  }

  // ------------------------------------------------------------------ the end of the portal

  @Test
  void closeWaitsForWhatIsRunningAndRefusesTheRest() throws Exception {
    drive();
    AtomicReference<Runnable> answer = new AtomicReference<>();
    CountDownLatch asked = new CountDownLatch(1);
    FutureTask<String> call =
        rig.start(
            "legacy",
            () ->
                portal.await(
                    () ->
                        Callbacks.<String>call(
                            "an answer",
                            c -> {
                              answer.set(() -> c.complete("value"));
                              asked.countDown();
                            })));
    Rig.await(asked);
    CompletableFuture<Thread> closing = new CompletableFuture<>();
    FutureTask<Boolean> closed =
        rig.start(
            "closer",
            () -> {
              closing.complete(Thread.currentThread());
              portal.close();
              return true;
            });
    Thread closer = closing.join();
    Rig.awaitState("the closer waits", () -> closer.getState() == Thread.State.WAITING);
    assertThatThrownBy(() -> portal.call(() -> "too late"))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("portal to dispatcher 'loop' is shut down");
    assertThat(portal.start(() -> "too late"))
        .failsWithin(Rig.PATIENCE)
        .withThrowableThat()
        .withCauseInstanceOf(RejectedExecutionException.class);

    answer.get().run();

    assertThat(Rig.await(call)).isEqualTo("value");
    Rig.await(closed);
    assertThat(loop.isShutdown()).as("the dispatcher is left alone").isFalse();
    portal.close(); // once more does nothing
  }

  @Test
  void shutdownNowCancelsWhatIsRunningAndDoesNotWait() throws Exception {
    drive();
    FutureTask<String> call = rig.start("legacy", () -> portal.await(ForEver::new));
    Rig.await(polled);

    portal.shutdownNow();

    assertThatThrownBy(() -> Rig.await(call)).isInstanceOf(CancellationException.class);
    Rig.await(givenUp);
    portal.close();
  }

  @Test
  void shutdownNowRefusesWhatHasNotBegun() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    FutureTask<Integer> call = waitingInVain(() -> portal.call(runs::incrementAndGet));

    portal.shutdownNow();
    drive();

    assertThatThrownBy(() -> Rig.await(call)).isInstanceOf(RejectedExecutionException.class);
    assertThat(runs).hasValue(0);
  }

  /** Starts a call while nobody drives the loop. */
  private <T> FutureTask<T> waitingInVain(Callable<T> call) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    FutureTask<T> started =
        rig.start(
            "legacy",
            () -> {
              thread.complete(Thread.currentThread());
              return call.call();
            });
    Rig.awaitState("it waits", () -> thread.join().getState() == Thread.State.WAITING);
    return started;
  }

  @Test
  void aCloseThatIsInterruptedCancelsWhatIsRunningAndKeepsTheInterrupt() throws Exception {
    drive();
    FutureTask<String> call = rig.start("legacy", () -> portal.await(ForEver::new));
    Rig.await(polled);

    boolean kept =
        rig.callElsewhere(
            () -> {
              Thread.currentThread().interrupt();
              portal.close();
              return Thread.interrupted();
            });

    assertThat(kept).isTrue();
    assertThatThrownBy(() -> Rig.await(call)).isInstanceOf(CancellationException.class);
  }

  @Test
  void aCloseThatIsInterruptedHoldsNoLockWhileItWakesTheLoop() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    AtomicReference<Runnable> whenWoken = new AtomicReference<>(() -> {});
    Host host =
        new Host() {
          @Override
          public void execute(Runnable drain) {
            whenWoken.get().run();
            thread.execute(drain);
          }

          @Override
          public void wakeAfter(long nanos, Runnable drain) {}

          @Override
          public boolean inHost() {
            return false;
          }
        };
    try (HostedDispatcher hosted = HostedDispatcher.on(host)) {
      BlockingPortal toIt = BlockingPortal.of(hosted);
      CompletableFuture<String> call = toIt.spawn(ForEver::new);
      Rig.await(polled);
      Rig.awaitState("the loop is asleep", () -> hosted.snapshot().asleep());
      CompletableFuture<Boolean> refused = new CompletableFuture<>();
      whenWoken.set( // a lock of the host, which another thread holds while it uses the portal
          () -> {
            var other = CompletableFuture.supplyAsync(() -> toIt.start(() -> "too late"));
            refused.complete(
                other
                    .thenApply(CompletableFuture::isCompletedExceptionally)
                    .completeOnTimeout(false, 5, TimeUnit.SECONDS)
                    .join());
          });
      rig.callElsewhere(
          () -> {
            Thread.currentThread().interrupt();
            toIt.close();
            return Thread.interrupted();
          });
      assertThat(refused.join()).isTrue();
      assertThat(call).isCancelled();
    } finally {
      thread.shutdown();
    }
  }

  @Test
  void onALoopCloseDoesNotWaitForItself() throws Exception {
    drive();
    CompletableFuture<String> future = portal.spawn(ForEver::new);
    Rig.await(polled);

    assertThatThrownBy(() -> BlockingPortal.of(loop).call(this::closedHere))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("close of", "'loop'", "shutdownNow()");

    future.cancel(false);
    portal.call(() -> "it is still open");
    portal.close();
  }

  private boolean closedHere() {
    portal.close();
    return true;
  }

  // ------------------------------------------------------------------ the end of the dispatcher

  @Test
  void aClosedDispatcherRefuses() {
    loop.close();

    assertThatThrownBy(() -> portal.call(() -> "refused"))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("dispatcher 'loop' is closed");
    assertThatThrownBy(() -> portal.await(ForEver::new, SOON))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(portal.start(() -> "refused"))
        .failsWithin(Rig.PATIENCE)
        .withThrowableThat()
        .withCauseInstanceOf(RejectedExecutionException.class);
    portal.close();
  }

  @Test
  void whatHasBegunWhenTheDispatcherIsClosedIsCancelled() throws Exception {
    drive();
    FutureTask<String> call = rig.start("legacy", () -> portal.await(ForEver::new));
    Rig.await(polled);

    loop.close();

    assertThatThrownBy(() -> Rig.await(call)).isInstanceOf(CancellationException.class);
    portal.close();
  }

  @Test
  void whatHasNotBegunWhenTheDispatcherIsClosedIsRefused() throws Exception {
    FutureTask<String> call = waitingInVain(() -> portal.call(() -> "never"));

    loop.close();

    assertThatThrownBy(() -> Rig.await(call)).isInstanceOf(RejectedExecutionException.class);
  }
}
