package dev.reveille.callbacks;

import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

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

  static void tell(
      Throwable failure, Consumer<Throwable> failed, Consumer<CancellationException> cancelled) {
    if (failure instanceof CancellationException cancellation) {
      cancelled.accept(cancellation);
    } else {
      failed.accept(failure);
    }
  }
}
