package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/**
 * One who waits at an endpoint: a task with its waker, or a thread. Linked in one {@link
 * WaiterQueue} at most once, so waiting allocates nothing where the waiter is part of the endpoint.
 *
 * <p>Every field is plain and guarded by the lock of the endpoint. Subclasses add what is handed to
 * the waiter: a value, a permit, the word that the endpoint was closed.
 */
class Waiter {
  @Nullable Waiter previous;
  @Nullable Waiter next;

  /** The queue it stands in, or null. */
  @Nullable WaiterQueue queue;

  /** Who is woken. Kept up to date by each poll, since the task may have moved to another one. */
  private @Nullable Waker waker;

  /**
   * Notes whom to wake. Under the lock; asks the context, which allows the poll to return Pending.
   */
  final void waitAs(Context cx, String why) {
    waker = cx.waker(why);
  }

  /** Notes whom to wake: a thread that parks. Under the lock. */
  final void waitAs(Waker thread) {
    waker = thread;
  }

  /** Whom to wake, once. Under the lock; the wake itself comes after it, outside. */
  final @Nullable Waker takeWaker() {
    Waker w = waker;
    waker = null;
    return w;
  }

  final boolean isQueued() {
    return queue != null;
  }
}
