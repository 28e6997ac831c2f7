package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Timer;
import dev.reveille.callback.CallOptions;
import dev.reveille.callbacks.executors.DispatcherExecutorService;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Futures as pollables: those with listeners, and those that can only block a thread. */
final class FromFutureTest {
  private static final Executor NEVER_NEEDED =
      command -> {
        throw new AssertionError("no thread is needed");
      };

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ExecutorService pool = Executors.newSingleThreadExecutor();
  private final IOException gone = new IOException("gone");

  @AfterEach
  void closeAll() throws Exception {
    pool.shutdownNow();
    assertThat(pool.awaitTermination(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    rig.close();
  }

  /** A future that only has {@code get}: completed by running it. */
  private static final class Plain extends FutureTask<String> {
    final CountDownLatch waitedFor = new CountDownLatch(1);
    final List<Boolean> cancels = new ArrayList<>();

    Plain() {
      super(() -> "");
    }

    void value(String value) {
      set(value);
    }

    void failure(Throwable failure) {
      setException(failure);
    }

    @Override
    public String get() throws InterruptedException, ExecutionException {
      waitedFor.countDown();
      return super.get();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      cancels.add(mayInterruptIfRunning);
      return super.cancel(mayInterruptIfRunning);
    }
  }

  private final Plain future = new Plain();

  private JoinHandle<String> begun(Pollable<String> pollable) {
    JoinHandle<String> handle = loop.spawn("waiting", pollable);
    loop.runUntilStalled();
    return handle;
  }

  private JoinHandle<String> blocked(SourceCancel onCancel) throws Exception {
    JoinHandle<String> handle =
        begun(Callbacks.fromFuture("the answer", CallOptions.defaults(), future, pool, onCancel));
    Rig.await(future.waitedFor);
    return handle;
  }

  // ------------------------------------------------------------------ a thread that blocks

  @Test
  void aThreadOfTheExecutorWaitsForTheValue() throws Exception {
    JoinHandle<String> handle = blocked(SourceCancel.CANCEL);

    future.value("value");

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
  }

  @Test
  void whatIsDoneNeedsNoThread() throws Exception {
    future.value("value");
    Plain failed = new Plain();
    failed.failure(gone);
    Plain cancelled = new Plain();
    cancelled.cancel(false);

    Pollable<String> value = Callbacks.fromFuture(future, NEVER_NEEDED);
    Pollable<String> failure = Callbacks.fromFuture(failed, NEVER_NEEDED);
    Pollable<String> cancellation = Callbacks.fromFuture(cancelled, NEVER_NEEDED);

    assertThat(loop.runUntil(value).value()).isEqualTo("value");
    assertThatThrownBy(() -> loop.runUntil(failure)).isSameAs(gone);
    assertThatThrownBy(() -> loop.runUntil(cancellation)).isInstanceOf(CancellationException.class);
  }

  @Test
  void aCompletableFutureNeedsNoThread() throws Exception {
    CompletableFuture<String> completable = new CompletableFuture<>();
    JoinHandle<String> handle = begun(Callbacks.fromFuture(completable, NEVER_NEEDED));

    completable.complete("value");

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
  }

  @Test
  void theFailureComesWithoutItsWrapper() throws Exception {
    Pollable<String> failed = Callbacks.fromFuture(future, pool);
    rig.start(
        "legacy",
        () -> {
          Rig.await(future.waitedFor);
          future.failure(gone);
          return true;
        });

    assertThatThrownBy(() -> loop.runUntil(failed)).isSameAs(gone);
  }

  @Test
  void aFailureThatSaysCancelledIsACancellation() {
    future.failure(new CancellationException("as HttpClient does it"));

    Pollable<String> pollable = Callbacks.fromFuture(future, NEVER_NEEDED);

    assertThatThrownBy(() -> loop.runUntil(pollable))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("'a future'");
  }

  @Test
  void anExecutorThatRefusesFailsTheOperation() {
    pool.shutdown();

    Pollable<String> pollable = Callbacks.fromFuture(future, pool);

    assertThatThrownBy(() -> loop.runUntil(pollable))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(future.cancels).isEmpty();
  }

  @Test
  void theLoopItselfIsNoExecutorForABlockingGet() {
    Pollable<String> pollable = Callbacks.fromFuture(future, loop.asExecutor());

    assertThatThrownBy(() -> loop.runUntil(pollable))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'loop'");
  }

  @Test
  void norIsAnyOtherViewOfTheLoop() {
    List<Executor> views = List.of(DispatcherExecutorService.of(loop), task -> loop.post(task));
    for (Executor view : views) {
      Pollable<String> pollable = Callbacks.fromFuture(future, view);

      assertTimeoutPreemptively( // else it blocks the loop for ever
          Rig.PATIENCE,
          () ->
              assertThatThrownBy(() -> loop.runUntil(pollable))
                  .isInstanceOf(IllegalArgumentException.class)
                  .hasMessageContaining("'loop'"));
    }
    assertThat(future.cancels).isEmpty();
  }

  // ------------------------------------------------------------------ giving up

  private void threadIsFree() throws Exception {
    Future<String> next = pool.submit(() -> Thread.interrupted() ? "interrupted" : "free");
    assertThat(next.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("free");
  }

  @Test
  void whoGivesUpCancelsTheFutureAndSetsTheThreadFree() throws Exception {
    JoinHandle<String> handle = blocked(SourceCancel.CANCEL);

    handle.cancel();
    loop.runUntilStalled();

    assertThat(future.cancels).containsExactly(false);
    threadIsFree();
  }

  @Test
  void whoInterruptsTellsTheFutureSo() throws Exception {
    JoinHandle<String> handle = blocked(SourceCancel.INTERRUPT);

    handle.cancel();
    loop.runUntilStalled();

    assertThat(future.cancels).containsExactly(true);
    threadIsFree();
  }

  @Test
  void whoLeavesTheFutureAloneSetsTheThreadFree() throws Exception {
    JoinHandle<String> handle = blocked(SourceCancel.LEAVE);

    handle.cancel();
    loop.runUntilStalled();

    threadIsFree();
    assertThat(future.cancels).isEmpty();
    assertThat(future.isDone()).isFalse();
  }

  @Test
  void aGetThatHasNotBegunDoesNotBeginAnyMore() throws Exception {
    List<Runnable> queue = new ArrayList<>();
    JoinHandle<String> handle =
        begun(
            Callbacks.fromFuture(
                "the answer", CallOptions.defaults(), future, queue::add, SourceCancel.LEAVE));
    handle.cancel();
    loop.runUntilStalled();

    queue.get(0).run();

    assertThat(future.waitedFor.getCount()).isEqualTo(1);
  }

  @Test
  void aThreadThatIsInterruptedByOthersFailsTheOperationAndNotTheLoop() throws Exception {
    JoinHandle<String> handle = blocked(SourceCancel.CANCEL);
    Pollable<String> join = handle.join();

    pool.shutdownNow();

    assertThatThrownBy(() -> loop.runUntil(join))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    rig.takeUncaught(); // whether the join was polled before the failure came is a race
  }

  // ------------------------------------------------------------------ the clock

  @Test
  void mockTimeStandsStillWhileTheThreadWaits() throws Exception {
    rig.time().autoAdvance();
    List<String> order = new ArrayList<>();
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofHours(1));
    loop.spawn(
        "timer",
        cx -> {
          if (timer.poll(cx).isPending()) {
            return Poll.pending();
          }
          return Poll.ready(order.add("an hour later"));
        });
    JoinHandle<String> handle = loop.spawn("waiting", Callbacks.fromFuture(future, pool));
    rig.start(
        "legacy",
        () -> {
          Rig.await(future.waitedFor);
          future.value("value");
          return true;
        });

    loop.runUntil(handle.join());

    assertThat(order).isEmpty();
    loop.runToCompletion();
    assertThat(order).containsExactly("an hour later");
  }

  // ------------------------------------------------------------------ listeners

  /** A future with listeners, as Guava's. */
  private static final class Listenable extends FutureTask<String> {
    private final List<Runnable> listeners = new ArrayList<>();

    Listenable() {
      super(() -> "");
    }

    void addListener(Runnable listener, Executor executor) {
      listeners.add(() -> executor.execute(listener));
      if (isDone()) {
        done();
      }
    }

    void value(String value) {
      set(value);
    }

    void failure(Throwable failure) {
      setException(failure);
    }

    @Override
    protected void done() {
      List<Runnable> told = List.copyOf(listeners);
      listeners.clear();
      told.forEach(Runnable::run);
    }

    /** As Guava's: it looks at the interrupt first. */
    @Override
    public String get() throws InterruptedException, ExecutionException {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return super.get();
    }
  }

  private final Listenable listenable = new Listenable();

  private Pollable<String> listening() {
    return Callbacks.fromListenable(listenable, (f, r) -> f.addListener(r, Runnable::run));
  }

  @Test
  void aListenerBringsTheOutcomeOnWhateverThreadItIsCalled() throws Exception {
    JoinHandle<String> handle = begun(listening());

    rig.elsewhere(() -> listenable.value("value"));

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
  }

  @Test
  void aListenerUnderAnInterruptBringsTheOutcomeAndKeepsTheInterrupt() throws Exception {
    JoinHandle<String> handle = begun(listening());

    boolean kept =
        rig.callElsewhere(
            () -> {
              Thread.currentThread().interrupt();
              listenable.value("value");
              return Thread.interrupted();
            });

    assertThat(kept).isTrue();
    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
  }

  @Test
  void whatIsDoneNeedsNoListener() throws Exception {
    listenable.value("value");

    Pollable<String> pollable =
        Callbacks.fromListenable(
            listenable,
            (f, r) -> {
              throw new AssertionError("no listener is needed");
            });

    assertThat(loop.runUntil(pollable).value()).isEqualTo("value");
  }

  @Test
  void aListenersFailureComesWithoutItsWrapper() {
    listenable.failure(gone);

    assertThatThrownBy(() -> loop.runUntil(listening())).isSameAs(gone);
  }

  @Test
  void aListenerThatIsCalledBeforeTheEndFailsTheOperationAndBlocksNobody() {
    Pollable<String> pollable = Callbacks.fromListenable(listenable, (f, r) -> r.run());

    assertThatThrownBy(() -> loop.runUntil(pollable))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("before the end");
  }

  @Test
  void aFutureThatTakesNoListenerFailsTheOperation() {
    IllegalStateException full = new IllegalStateException("no more listeners");
    Pollable<String> pollable =
        Callbacks.fromListenable(
            listenable,
            (f, r) -> {
              throw full;
            });

    assertThatThrownBy(() -> loop.runUntil(pollable)).isSameAs(full);
  }

  @Test
  void whoGivesUpCancelsTheFutureWithListenersUnlessItIsToBeLeft() {
    JoinHandle<String> left =
        begun(
            Callbacks.fromListenable(
                "shared",
                CallOptions.defaults(),
                listenable,
                (f, r) -> f.addListener(r, Runnable::run),
                SourceCancel.LEAVE));
    left.cancel();
    loop.runUntilStalled();
    assertThat(listenable.isDone()).isFalse();

    JoinHandle<String> handle = begun(listening());
    handle.cancel();
    loop.runUntilStalled();
    assertThat(listenable.isCancelled()).isTrue();
  }
}
