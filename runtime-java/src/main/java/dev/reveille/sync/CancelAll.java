package dev.reveille.sync;

import dev.reveille.Pollable;

/** Cancels several, whatever an earlier one throws. */
final class CancelAll {
  private CancelAll() {}

  /** Throws what the first of those that failed threw, with the others suppressed under it. */
  static void of(Iterable<? extends Pollable<?>> pollables) {
    Throwable failure = null;
    for (Pollable<?> pollable : pollables) {
      try {
        pollable.cancel();
      } catch (RuntimeException | Error e) {
        if (failure == null) {
          failure = e;
        } else if (failure != e) {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }
}
