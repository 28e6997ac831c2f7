package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Callbacks that are given as one lambda. */
final class LambdaCallback {
  private LambdaCallback() {}

  static <T extends @Nullable Object> CompletionCallback<T> of(
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> callback) {
    requireNonNull(callback, "callback");
    return new CompletionCallback<>() {
      @Override
      public void completed(T value) {
        callback.accept(value, null);
      }

      @Override
      public void failed(Throwable cause) {
        callback.accept(null, cause);
      }

      @Override
      public void cancelled(CancellationException cause) {
        callback.accept(null, cause);
      }
    };
  }

  static <T> ElementCallback<T> of(Consumer<? super T> callback) {
    requireNonNull(callback, "callback");
    return new ElementCallback<>() {
      @Override
      public void next(T element) {
        callback.accept(element);
      }

      @Override
      public void completed() {}

      @Override
      public void failed(Throwable cause) {
        throw CallbackTurns.<RuntimeException>asItIs(cause); // to the uncaught handler
      }

      @Override
      public void cancelled(CancellationException cause) {}
    };
  }
}
