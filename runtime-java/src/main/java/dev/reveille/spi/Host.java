package dev.reveille.spi;

import java.util.concurrent.RejectedExecutionException;

/**
 * A loop of somebody else, on which a {@link HostedDispatcher} lives: an executor, a GUI's event
 * thread, a Netty event loop, a coroutine scope.
 *
 * <p>The dispatcher asks for a drain when it has something to run, once per burst of wakes; the
 * drain runs a limited number of entries and then asks for the next one, so that the host's other
 * work gets its turn. Drains may come on different threads; the dispatcher sees to it that one runs
 * at a time, and that each sees what the one before wrote.
 *
 * <pre>{@code
 * final class EventQueueHost implements Host {
 *   private final ScheduledExecutorService clock;
 *   private Future<?> wakeup = CompletableFuture.completedFuture(null);
 *
 *   EventQueueHost(ScheduledExecutorService clock) {
 *     this.clock = clock;
 *   }
 *
 *   @Override
 *   public void execute(Runnable drain) {
 *     EventQueue.invokeLater(drain);
 *   }
 *
 *   @Override
 *   public void wakeAfter(long nanos, Runnable drain) {
 *     wakeup.cancel(false);
 *     if (nanos != Long.MAX_VALUE) {
 *       wakeup = clock.schedule(() -> EventQueue.invokeLater(drain), nanos, NANOSECONDS);
 *     }
 *   }
 *
 *   @Override
 *   public boolean inHost() {
 *     return EventQueue.isDispatchThread();
 *   }
 * }
 * }</pre>
 */
public interface Host {

  /**
   * Queues a drain. Called by any thread, never while another drain that was asked for here has not
   * begun. Must not block, and must not run the drain before it returns: a host that does is
   * refused.
   *
   * @param drain to be run once, soon; it never throws
   * @throws RejectedExecutionException if the host takes no more: for the dispatcher that means
   *     shutdown
   */
  void execute(Runnable drain);

  /**
   * Asks for a drain after a time, in place of the one that was asked for here before. Too early is
   * harmless and useless; too late makes timers late. Called by one thread at a time, each seeing
   * what the one before wrote. Must not block, and must not run the drain before it returns.
   *
   * @param nanos nanoseconds from now, above zero; {@link Long#MAX_VALUE}: no time is waited for
   *     any more
   * @param drain the same one each time
   * @throws RejectedExecutionException if the host takes no more
   */
  void wakeAfter(long nanos, Runnable drain);

  /**
   * Whether the calling thread is one of the host's, so that code of the dispatcher may run on it
   * now. A host that can not tell answers false.
   *
   * @return true on the host
   */
  boolean inHost();
}
