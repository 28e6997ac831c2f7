package dev.reveille;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Wakes several, each of them, also if one of them breaks the rule that a wake never throws. */
final class Wakers {
  private Wakers() {}

  /** Throws the first failure, with the later ones suppressed, after all were woken. */
  static void wakeAll(List<? extends Waker> wakers) {
    RuntimeException failure = null;
    for (Waker waker : wakers) {
      failure = wake(waker, failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static @Nullable RuntimeException wake(Waker waker, @Nullable RuntimeException earlier) {
    try {
      waker.wake();
    } catch (RuntimeException e) {
      if (earlier == null) {
        return e;
      }
      if (earlier != e) {
        earlier.addSuppressed(e);
      }
    }
    return earlier;
  }
}
