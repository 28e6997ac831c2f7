package dev.reveille;

/**
 * The handle that an event source calls when a task can make progress.
 *
 * <p><b>Threading.</b> {@link #wake} may be called by any thread, at any time, any number of times.
 * It never blocks, never throws and runs no user code: the task is queued and its dispatcher, if it
 * sleeps, is woken. Wakes before the next poll coalesce into one poll. A wake during the task's own
 * poll means one more poll, from the back of the queue. After the end of the task it does nothing.
 *
 * <p><b>Memory effects.</b> Actions in a thread before it calls {@code wake()} <i>happen-before</i>
 * the poll that follows the wake, also when the task was already queued by somebody else.
 *
 * <p>A source of events keeps the waker under the lock that guards the event, and wakes outside it:
 *
 * <pre>{@code
 * final class Gate {
 *   private boolean open;
 *   private Waker waiter = Waker.none();
 *
 *   synchronized Poll<Complete> poll(Context cx) {
 *     if (open) {
 *       return Poll.ready();
 *     }
 *     waiter = cx.waker("the gate");
 *     return Poll.pending();
 *   }
 *
 *   void open() { // any thread
 *     Waker waker;
 *     synchronized (this) {
 *       open = true;
 *       waker = waiter;
 *     }
 *     waker.wake(); // the task is polled again, and finds the gate open
 *   }
 * }
 * }</pre>
 */
@FunctionalInterface
public interface Waker {

  /** Asks for one more poll of the task. */
  void wake();

  /**
   * Whether what it wakes has ended, so that a wake does nothing any more: who keeps many wakers
   * for a long time may drop this one. Once true it stays true; a false may be out of date. Any
   * thread.
   *
   * @return false by default
   */
  default boolean isEnded() {
    return false;
  }

  /**
   * A waker that wakes nobody, for polls whose result is not waited for.
   *
   * @return the shared instance
   */
  static Waker none() {
    return NoWaker.NONE;
  }
}
