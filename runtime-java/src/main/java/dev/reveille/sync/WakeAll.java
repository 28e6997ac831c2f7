package dev.reveille.sync;

import dev.reveille.Waker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several wakers that are called after the lock under which they were collected, oldest first. One
 * waker, the usual number, stands for itself: see {@link #add}.
 */
final class WakeAll implements Waker {
  private final List<Waker> wakers = new ArrayList<>();

  private WakeAll() {}

  /** Returns what wakes both: those collected so far, if any, and one more, if there is one. */
  static @Nullable Waker add(@Nullable Waker collected, @Nullable Waker more) {
    if (more == null) {
      return collected;
    }
    if (collected == null) {
      return more;
    }
    WakeAll all;
    if (collected instanceof WakeAll several) {
      all = several;
    } else {
      all = new WakeAll();
      all.wakers.add(collected);
    }
    all.wakers.add(more);
    return all;
  }

  /** Each is woken, also if one of them breaks the rule that a wake never throws. */
  @Override
  public void wake() {
    RuntimeException failure = null;
    for (Waker waker : wakers) {
      try {
        waker.wake();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else if (failure != e) {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
