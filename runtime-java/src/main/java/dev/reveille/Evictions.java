package dev.reveille;

import java.util.ArrayList;
import java.util.List;

/**
 * Who lost its place in a one-waiter cell since the last event there. A task that takes a place
 * back which it lost, although nothing has happened in between, and another and another, would
 * chase the others for ever: that is told here.
 *
 * <p>Not thread-safe: {@link WakerSlot} guards it, a {@link Timer} is on one loop, and keeps it in
 * the place of the waiter, so as to have no field for it.
 */
final class Evictions implements Waker {
  /**
   * Nobody waits in such a crowd; but a task that makes a new waker for each poll evicts its last
   * one each time, and is not recognised by it.
   */
  private static final int CROWD = 100;

  private final List<Waker> evicted = new ArrayList<>(2);

  /** Who has the place, of a {@link Timer}. */
  Waker holder = Waker.none();

  @Override
  public void wake() {
    holder.wake();
  }

  /**
   * Notes that {@code before} loses its place. Returns false if {@code waker} lost its own before.
   */
  boolean evict(Waker before, Waker waker) {
    evicted.removeIf(Waker::isEnded);
    if (evicted.contains(waker) || evicted.size() >= CROWD) {
      return false;
    }
    evicted.add(before);
    return true;
  }

  static IllegalStateException livelock(String why, Waker waker, Waker before) {
    return new IllegalStateException(
        "tasks that wait in one place for '"
            + why
            + "' evict each other: "
            + waker
            + " and "
            + before
            + "; let one of them wait, or give each a place of its own (and who makes wakers for"
            + " its children keeps them from poll to poll)");
  }
}
