package dev.reveille.callback;

import dev.reveille.Dispatcher;
import org.jspecify.annotations.Nullable;

/**
 * Hears what becomes of bridged calls and streams, so that a migration can be measured. Attached to
 * a dispatcher by {@link CallbackDiagnostics#ledger}; without one, nothing is told and nothing is
 * made for it.
 *
 * <p>Its methods are called where things happen, on the legacy side's threads and under its locks
 * too: they count and return. What they throw goes to whoever was the cause.
 *
 * <p>A sink that counts what is in flight, on one loop:
 *
 * <pre>{@code
 * final class InFlight implements LedgerSink {
 *   int calls;
 *
 *   @Override
 *   public Entry begin(Dispatcher dispatcher, String name) {
 *     calls++;
 *     return new Entry() {
 *       @Override
 *       public void ended(End how, @Nullable Throwable failure) {
 *         calls--;
 *       }
 *     };
 *   }
 * }
 * }</pre>
 */
@FunctionalInterface
public interface LedgerSink {

  /**
   * A call or a stream begins. On the loop.
   *
   * @param dispatcher whose loop it is
   * @param name the call-site name
   * @return what hears the rest of this one
   */
  Entry begin(Dispatcher dispatcher, String name);

  /** How a call or stream came to its end, as the one who waited for it saw it. */
  enum End {
    /** With its value, or with the last element. */
    COMPLETED,
    /** The legacy side, or the initiator, failed. */
    FAILED,
    /** Given up by the one who waited, or cancelled by the legacy side. */
    CANCELLED,
    /** Given up because it took too long. */
    TIMED_OUT
  }

  /** One call or stream. By default nothing is done with what is heard. */
  interface Entry {

    /**
     * The end, once, on the loop, or on the thread that closes it.
     *
     * @param how the kind of end
     * @param failure what the one who waited gets, or null
     */
    default void ended(End how, @Nullable Throwable failure) {}

    /** A completion came while the initiator still ran, on its own thread. On the loop. */
    default void reentrant() {}

    /** A completion came after the one who waited had given up. Any thread. */
    default void late() {}

    /**
     * The rules of a single completion were broken. Any thread.
     *
     * @param misuse how
     */
    default void misused(CallbackMisuse misuse) {}

    /** An element of a stream was brought. Any thread. */
    default void event() {}

    /** An element of a stream was dropped for want of room. Any thread. */
    default void dropped() {}
  }
}
