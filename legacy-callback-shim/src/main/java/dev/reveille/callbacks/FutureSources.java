package dev.reveille.callbacks;

import dev.reveille.Dispatcher;
import dev.reveille.MockTime;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import java.lang.System.Logger;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Futures as initiators: what is done already completes within the first poll, and costs no
 * listener and no thread.
 *
 * <p>What wraps a failure on its way through a future is taken off once: a {@link
 * CompletionException} of a stage, an {@link ExecutionException} of a {@code get}. What the future
 * itself was given as its failure is not touched, whatever its class, but if it says "cancelled",
 * it is that: the JDK's HttpClient says so by way of an ExecutionException.
 */
final class FutureSources {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callbacks");

  private FutureSources() {}

  // ------------------------------------------------------------------ stages

  static <T extends @Nullable Object> Initiator<T> stage(
      CompletionStage<? extends T> stage, SourceCancel onCancel) {
    return completer -> {
      if (onCancel != SourceCancel.LEAVE) { // else the stage is not held, and may be found lost
        completer.onCancel(() -> cancel(stage, onCancel));
      }
      stage.whenComplete((value, failure) -> ended(completer, value, failure));
    };
  }

  private static void cancel(CompletionStage<?> stage, SourceCancel onCancel) {
    try {
      onCancel.apply(stage.toCompletableFuture()); // of some this is a copy, or not to be had
    } catch (UnsupportedOperationException e) {
      LOGGER.log(Logger.Level.DEBUG, "a stage that can not be cancelled goes on: " + stage, e);
    }
  }

  private static <T extends @Nullable Object> void ended(
      Completer<T> completer, T value, @Nullable Throwable failure) {
    if (failure == null) {
      completer.complete(value);
    } else {
      failed(completer, unwrapped(failure, CompletionException.class));
    }
  }

  private static Throwable unwrapped(Throwable failure, Class<? extends Throwable> wrapper) {
    Throwable cause = wrapper.isInstance(failure) ? failure.getCause() : null;
    return cause == null ? failure : cause;
  }

  private static void failed(Completer<?> completer, Throwable failure) {
    Throwable within = unwrapped(failure, ExecutionException.class);
    Shapes.fail(completer, within instanceof CancellationException ? within : failure);
  }

  // ------------------------------------------------------------------ futures with listeners

  static <T extends @Nullable Object, F extends Future<? extends T>> Initiator<T> listenable(
      F future, BiConsumer<? super F, ? super Runnable> addListener, SourceCancel onCancel) {
    return completer -> {
      if (future.isDone()) {
        take(completer, future);
        return;
      }
      if (onCancel != SourceCancel.LEAVE) { // else the future is not held, and may be found lost
        completer.onCancel(() -> onCancel.apply(future));
      }
      addListener.accept(
          future,
          (Runnable)
              () -> {
                if (future.isDone()) {
                  take(completer, future);
                } else { // to get() it would block a thread that is not ours
                  completer.fail(
                      new IllegalStateException("listener called before the end of " + future));
                }
              });
    };
  }

  /** Of a future that is done: does not block, also if the thread has an interrupt to hear of. */
  private static <T extends @Nullable Object> void take(
      Completer<T> completer, Future<? extends T> done) {
    T value;
    try {
      value = get(done);
    } catch (ExecutionException e) {
      failed(completer, unwrapped(e, ExecutionException.class));
      return;
    } catch (Throwable t) { // cancelled, as a rule; it is the outcome
      failed(completer, t);
      return;
    }
    completer.complete(value);
  }

  private static <T extends @Nullable Object> T get(Future<? extends T> done)
      throws ExecutionException {
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          return done.get();
        } catch (InterruptedException e) {
          interrupted = true; // restored below
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // ------------------------------------------------------------------ futures that can only block

  @SuppressWarnings("unchecked") // a CompletableFuture is a stage of what it is a future of
  static <T extends @Nullable Object> Initiator<T> blocking(
      Future<? extends T> future, Executor executor, SourceCancel onCancel) {
    if (future instanceof CompletableFuture<?> stage) {
      return stage((CompletionStage<? extends T>) stage, onCancel);
    }
    return completer -> {
      if (future.isDone()) {
        take(completer, future);
        return;
      }
      Get<T> get = new Get<>(completer, future, hold(executor), onCancel, Dispatcher.current());
      completer.onCancel(get::giveUp);
      try {
        executor.execute(get);
      } catch (Throwable refused) {
        get.release();
        throw refused;
      }
      get.begun = true;
    };
  }

  /** The loop that waits, if its clock is a mock, is not to jump ahead of the worker. */
  private static MockTime.@Nullable Hold hold(Executor executor) {
    Dispatcher loop = Dispatcher.current();
    if (loop == null) {
      return null;
    }
    if (executor.equals(loop.asExecutor())) {
      throw wouldBlock(loop);
    }
    return loop.ticker() instanceof MockTime mock ? mock.hold() : null;
  }

  private static IllegalArgumentException wouldBlock(Dispatcher loop) {
    return new IllegalArgumentException(
        "a blocking get on the loop of '"
            + loop.name()
            + "' itself would block it; give another executor");
  }

  /**
   * The blocking get, on its way through the executor. A {@link FutureTask} knows how to interrupt
   * it without hitting the next one on the same thread; and calls {@link #done} once, whichever of
   * its end and its cancel came first, so the completer hears one word.
   */
  private static final class Get<T extends @Nullable Object> extends FutureTask<T> {
    private final Completer<T> completer;
    private final Future<? extends T> future;
    private final MockTime.@Nullable Hold hold;
    private final SourceCancel onCancel;
    private final @Nullable Dispatcher loop;

    /** Whether the executor has returned. Plain: on the loop. */
    boolean begun;

    /** Plain: written and read on the worker. */
    private @Nullable Throwable thrown;

    Get(
        Completer<T> completer,
        Future<? extends T> future,
        MockTime.@Nullable Hold hold,
        SourceCancel onCancel,
        @Nullable Dispatcher loop) {
      super(future::get);
      this.completer = completer;
      this.future = future;
      this.hold = hold;
      this.onCancel = onCancel;
      this.loop = loop;
    }

    /**
     * On the worker. An executor that leads back to the loop by a way that can not be seen from
     * outside, a view or a wrapper, is found out here; one that calls at once was warned of.
     */
    @Override
    public void run() {
      if (loop != null && loop.onLoop() && begun && !future.isDone()) {
        setException(wouldBlock(loop));
      } else {
        super.run();
      }
    }

    /** On the loop. A worker must not wait for ever for what is left alone. */
    void giveUp() {
      onCancel.apply(future);
      cancel(!future.isDone());
    }

    @Override
    protected void setException(Throwable t) {
      thrown = t;
      super.setException(t);
    }

    /** On the worker, or on the thread that cancels: the loop, or the end of an executor. */
    @Override
    protected void done() {
      try {
        if (isCancelled() && (onCancel == SourceCancel.LEAVE || !future.isDone())) {
          completer.cancelled();
        } else if (future.isDone()) {
          take(completer, future);
        } else if (thrown instanceof InterruptedException) { // the worker's, not the loop's
          completer.fail(new ExecutionException("the thread that waited was interrupted", thrown));
        } else { // a future that breaks its own rules
          Shapes.fail(completer, thrown);
        }
      } finally {
        release(); // after the wake: time is not to jump in between
      }
    }

    void release() {
      if (hold != null) {
        hold.close();
      }
    }
  }
}
