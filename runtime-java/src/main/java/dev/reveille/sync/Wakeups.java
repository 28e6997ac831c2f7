package dev.reveille.sync;

import dev.reveille.Waker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Wakers that were taken out under a lock, to be called after it, oldest first. Local to one call;
 * one waker, the usual number, costs no list.
 */
final class Wakeups {
  private @Nullable Waker first;
  private @Nullable List<Waker> others;

  /** Null, for a waiter that nobody has to be woken for, is left out. */
  void add(@Nullable Waker waker) {
    if (waker == null) {
      return;
    }
    if (first == null) {
      first = waker;
      return;
    }
    List<Waker> list = others;
    if (list == null) {
      others = list = new ArrayList<>();
    }
    list.add(waker);
  }

  /** All who waited, whom a close or a notification of all has taken out. */
  void addAll(List<Waiter> waiters) {
    for (Waiter waiter : waiters) {
      add(((PolledWaiter) waiter).leave());
    }
  }

  /**
   * Outside the lock. Each is woken, also if one of them breaks the rule that a wake never throws.
   */
  void wake() {
    Waker one = first;
    if (one == null) {
      return;
    }
    RuntimeException failure = wake(one, null);
    if (others != null) {
      for (Waker waker : others) {
        failure = wake(waker, failure);
      }
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
