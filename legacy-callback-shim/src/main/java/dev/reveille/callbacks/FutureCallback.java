package dev.reveille.callbacks;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Callbacks#toCompletableFuture}: the callback that completes the future.
 *
 * <p>Whoever else completes it, by a cancel, {@code orTimeout} or {@code complete}, ends the task:
 * nobody would hear of its result. What it brings all the same is late.
 */
final class FutureCallback<T extends @Nullable Object>
    implements BiConsumer<@Nullable T, @Nullable Throwable> {
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
  @SuppressWarnings("NullAway") // without a failure it is the value, null or not
  public void accept(@Nullable T value, @Nullable Throwable failure) {
    if (failure != null) {
      if (!future.completeExceptionally(failure)) {
        Ends.throwFailure(failure); // if it was cancelled, that is what was asked for
      }
    } else if (!future.complete(value) && onLateValue != null && value != null) {
      onLateValue.accept(value);
    }
  }
}
