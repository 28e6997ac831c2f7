package dev.reveille.callbacks;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Callbacks#toCompletableFuture}: the callback that completes the future.
 *
 * <p>Whoever else completes it, by a cancel, {@code orTimeout} or {@code complete}, ends the task:
 * nobody would hear of its result. What it brings all the same is late.
 */
final class FutureCallback<T extends @Nullable Object> implements CompletionCallback<T> {
  private final CompletableFuture<T> future = new CompletableFuture<>();
  private final @Nullable Consumer<? super T> onLateValue;

  private FutureCallback(@Nullable Consumer<? super T> onLateValue) {
    this.onLateValue = onLateValue;
  }

  static <T extends @Nullable Object> CompletableFuture<T> future(
      Dispatcher dispatcher,
      Pollable<? extends T> pollable,
      @Nullable Consumer<? super T> onLateValue) {
    FutureCallback<T> callback = new FutureCallback<>(onLateValue);
    JoinHandle<Complete> handle = CompletionTask.spawn(dispatcher, pollable, callback);
    // After the end of the task this does nothing.
    var unused = callback.future.whenComplete((value, failure) -> handle.cancel());
    return callback.future;
  }

  @Override
  public void completed(T value) {
    if (!future.complete(value) && onLateValue != null && value != null) {
      onLateValue.accept(value);
    }
  }

  @Override
  public void failed(Throwable cause) {
    if (!future.completeExceptionally(cause)) {
      throw CallbackTurns.<RuntimeException>asItIs(cause); // to the uncaught handler
    }
  }

  @Override
  public void cancelled(CancellationException cause) {
    future.completeExceptionally(cause); // if it is too late, this is what was asked for
  }
}
