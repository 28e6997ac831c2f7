package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/**
 * One who waits at a channel. The node of an end (re-callable methods) lives as long as the end,
 * that of an operation as long as the operation. Every field is guarded by the channel's lock.
 */
abstract class ChannelWaiter extends Waiter {
  /** The end is closed: its node must not be queued again. */
  boolean retired;

  /** The loop that polled last, so that a blocking call there can be refused. */
  @Nullable Dispatcher loop;

  /** Who waited here before another task took the place, since the node was queued. */
  private @Nullable Waker lostItsPlace;

  /**
   * Notes whom to wake, under the lock. A task that finds another one here takes its place; that
   * one is woken, so that it does not sleep for ever. If it comes back for the place although
   * nothing happened in between, two tasks use one end, and would chase each other for ever.
   *
   * @return who lost the place and is to be woken, or null
   */
  final @Nullable Waker waitAs(Context cx, String why, String what) {
    Waker waker = cx.waker(why); // first: it may throw
    Waker before = takeWaker();
    if (before == null || before == waker) {
      waitAs(waker);
      return null;
    }
    if (waker == lostItsPlace) {
      waitAs(before);
      throw new IllegalStateException(
          "two tasks wait in turns with the same end of "
              + what
              + "; one of them is '"
              + cx.taskName()
              + "'; make an end for each: newSender(), newReceiver()");
    }
    lostItsPlace = before;
    waitAs(waker);
    return before;
  }

  /** Out of the queue, or about to get in: who had the place before does not matter any more. */
  final void forgetWaker() {
    takeWaker();
    lostItsPlace = null;
  }
}
