package dev.reveille.callbacks;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** What the tasks that call back have in common at their end. */
final class Ends {
  private Ends() {}

  /**
   * In the poll in which what a task polls has thrown: gives it up, since one that broke the rules
   * of polling has not ended; and keeps an interrupt, which the loop restores after its run.
   */
  static void cancelAfter(Throwable failure, Runnable cancel) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    try {
      cancel.run();
    } catch (Throwable second) {
      if (second != failure) {
        failure.addSuppressed(second);
      }
    }
  }

  @SuppressWarnings("NullAway") // without a failure it is the value, null or not
  static <T extends @Nullable Object> void tell(
      CompletionCallback<? super T> callback, @Nullable T value, @Nullable Throwable failure) {
    if (failure == null) {
      callback.completed(value);
    } else if (failure instanceof CancellationException cancellation) {
      callback.cancelled(cancellation);
    } else {
      callback.failed(failure);
    }
  }

  static void tell(ElementCallback<?> callback, @Nullable Throwable failure) {
    if (failure == null) {
      callback.completed();
    } else if (failure instanceof CancellationException cancellation) {
      callback.cancelled(cancellation);
    } else {
      callback.failed(failure);
    }
  }

  /** Where nobody else wants to hear of it: to the uncaught handler. */
  static void throwFailure(@Nullable Throwable failure) {
    if (failure != null && !(failure instanceof CancellationException)) {
      throw CallbackTurns.<RuntimeException>asItIs(failure);
    }
  }
}
