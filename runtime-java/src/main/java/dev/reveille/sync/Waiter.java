package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/**
 * One who waits at an endpoint: a task with its waker, or a thread. Linked in one {@link
 * WaiterQueue} at most once, so waiting allocates nothing where the waiter is part of something
 * which its owner polls: a permit, a guard, an end. That belongs to one task at a time, but may
 * move from one to another.
 *
 * <p>As in a {@code WakerSlot}, a task that finds another one here takes its place, and that one is
 * woken, so that it does not sleep for ever. If it comes back for its place although nothing has
 * happened in between, two tasks use one waiter and would chase each other for ever: that is a bug
 * in the program, and throws.
 *
 * <p>Every field is plain and guarded by the lock of the endpoint. Subclasses add what is handed to
 * the waiter: a value, a permit, the word that the endpoint was closed.
 */
abstract class Waiter {
  @Nullable Waiter previous;
  @Nullable Waiter next;

  /** It stands in a queue; of several at one endpoint it may join only one. */
  boolean queued;

  /** Who is woken. Kept up to date by each poll, since the task may have moved to another one. */
  private @Nullable Waker waker;

  /** Who was woken for having lost the place, since this waiter was served. */
  private @Nullable Waker lostItsPlace;

  /** Notes whom to wake: a thread that parks, or a task. Under the lock. */
  final void waitAs(Waker waiting) {
    waker = waiting;
  }

  /**
   * Notes whom to wake, under the lock; asks the context, which allows the poll to return Pending.
   * Returns who has lost the place, to be woken after it.
   */
  final @Nullable Waker takePlace(Context cx, String why) {
    Waker asking = cx.waker(why); // first: it may throw
    Waker before = waker;
    if (before == asking) {
      return null;
    }
    if (before != null) {
      if (asking == lostItsPlace) { // the other one did nothing wrong, and stays
        throw new IllegalStateException(
            "two tasks wait in turns for "
                + why
                + " by polling one object; give each of them one of its own");
      }
      lostItsPlace = before;
    }
    waker = asking;
    return before;
  }

  /**
   * Whom to wake, once, as it was served or gives up. Under the lock; the wake itself comes after
   * it, outside.
   */
  final @Nullable Waker leave() {
    Waker w = waker;
    waker = null;
    if (lostItsPlace != null) {
      lostItsPlace = null;
    }
    return w;
  }

  final boolean isQueued() {
    return queued;
  }
}
