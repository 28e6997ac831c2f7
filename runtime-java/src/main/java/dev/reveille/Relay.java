package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * Stands for one operation among those who wait: what it wakes may be another waker after each
 * poll, and when the operation is given up it is taken out alone, although the task may wait here
 * for something else with the same waker.
 */
final class Relay implements Waker {
  /** Volatile: written on the loop of the one who waits, read by the one who wakes. */
  private volatile @Nullable Waker waker;

  /** In each poll, before or under the same lock as the look at the condition. */
  void to(Waker newest) {
    waker = newest;
  }

  @Override
  public boolean isEnded() {
    Waker w = waker;
    return w != null && w.isEnded();
  }

  @Override
  public void wake() {
    Waker w = waker;
    if (w != null) {
      w.wake();
    }
  }
}
