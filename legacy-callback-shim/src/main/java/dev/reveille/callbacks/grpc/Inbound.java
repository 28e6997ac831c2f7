package dev.reveille.callbacks.grpc;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.callback.LedgerSink;
import dev.reveille.sync.AbstractPollStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The messages that come in on one call, as a stream with the demand of gRPC.
 *
 * <h2>Algorithm</h2>
 *
 * A ring of as many slots as messages are asked for in advance (FastForward, Giacomoni et al.,
 * 2008): gRPC fills the slot at its own index, the loop empties the slot at its own; a slot that is
 * null is free. gRPC calls a listener one call after the other, each seeing what the one before
 * did, and never brings more than was requested; so its fields are plain, and the ring is never
 * full. As many as the ring has room for are asked for when the call begins: if each side waited
 * for the other to take something first, neither would. Then one is asked for when one was taken,
 * in batches of three quarters of that.
 *
 * <p>gRPC only stores and wakes. The call itself is used by the loop alone.
 *
 * <table>
 * <caption>Who may touch what</caption>
 * <tr><th>field</th><th>written by</th><th>read by</th></tr>
 * <tr><td>ring</td><td>gRPC: setRelease message; loop: setRelease null</td>
 * <td>loop and gRPC: getAcquire, each pairs with the other's</td></tr>
 * <tr><td>terminal</td><td>gRPC: volatile, after the last message; loop: volatile, when it lets
 * go</td><td>loop: volatile, before it looks for a last message; gRPC: volatile</td></tr>
 * <tr><td>tail</td><td colspan="2">gRPC</td></tr>
 * <tr><td>head, consumed, begun, entry</td><td colspan="2">loop</td></tr>
 * </table>
 *
 * A wake is not lost: see {@link WakerSlot}.
 */
abstract class Inbound<T> extends AbstractPollStream<T> {
  /**
   * How many messages are asked for in advance, if nobody says: enough that the two sides need not
   * wait for each other at each message. gRPC's own window is counted in bytes.
   */
  static final int PREFETCH = 16;

  private static final int MAX_PREFETCH = 1 << 16;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  /** Terminal: gRPC said that this was all. What a call failed with is terminal as it is. */
  private static final Object COMPLETED = new Object();

  /** Terminal: the owner of the stream has given it up. */
  private static final Object RELEASED = new Object();

  private final WakerSlot waiter = new WakerSlot();
  private final @Nullable Object[] ring;
  private final int mask;
  final int prefetch;
  private final int batch;

  private volatile @Nullable Object terminal;

  private int tail;

  private int head;
  private int consumed;
  private boolean begun;

  /** What the ledger hears of it; null if it does not, and after the end. */
  private LedgerSink.@Nullable Entry entry;

  Inbound(String name, int prefetch) {
    super(name);
    if (prefetch < 1 || prefetch > MAX_PREFETCH) {
      throw new IllegalArgumentException(
          "the prefetch must be from 1 to " + MAX_PREFETCH + ": " + prefetch);
    }
    int slots = prefetch == 1 ? 1 : Integer.highestOneBit(prefetch - 1) << 1;
    this.ring = new @Nullable Object[slots];
    this.mask = slots - 1;
    this.prefetch = prefetch;
    this.batch = prefetch - (prefetch >> 2);
  }

  /**
   * Begins the call, if that was not done, and asks for the first messages, as many as the
   * prefetch. On the loop, in the first poll.
   */
  abstract void open() throws Exception;

  /** Whether the ledger is to hear of it. */
  abstract boolean counts();

  /** Asks for more. On the loop. */
  abstract void request(int messages);

  /**
   * Nobody takes any more, and gRPC has not said its last word; perhaps the call has not begun. On
   * the loop, once.
   */
  abstract void giveUp();

  // ------------------------------------------------------------------ gRPC, any thread

  final void received(T message) {
    if (terminal != null) {
      return; // given up; some may have been on their way
    }
    int slot = tail & mask;
    if (SLOT.getAcquire(ring, slot) != null) {
      throw new IllegalStateException(
          "'" + name() + "' got more than the " + prefetch + " messages that it asked for");
    }
    tail++;
    SLOT.setRelease(ring, slot, message);
    waiter.wake();
  }

  final void failed(Throwable cause) {
    end(cause);
  }

  final void completed() {
    end(COMPLETED);
  }

  /** Both sides may end it at a time; then it does not matter which one was first. */
  private void end(Object how) {
    if (terminal == null) {
      terminal = how;
      waiter.wake();
    }
  }

  /** Whether gRPC has said its last word. Any thread. */
  final boolean isOver() {
    Object t = terminal;
    return t != null && t != RELEASED;
  }

  // ------------------------------------------------------------------ the loop

  @Override
  @SuppressWarnings(
      "NullAway") // javac 17 does not read the base's Poll<@Nullable T> from its class
  protected final Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    begin(cx);
    boolean registered = false;
    for (; ; ) {
      Object end = terminal; // before the last look for a message
      if (hasMessage()) {
        return cx.tryProceed() ? element(take()) : Poll.pending();
      }
      if (end != null) {
        return ended(end);
      }
      if (registered) {
        return Poll.pending();
      }
      waiter.register(cx, "a message of a gRPC call");
      registered = true;
    }
  }

  /** Begins the call, and tells the ledger of it. Does nothing the second time. On the loop. */
  final void begin(Context cx) throws Exception {
    if (begun) {
      return;
    }
    begun = true;
    LedgerSink ledger = counts() ? CallbackDiagnostics.of(cx.dispatcher()).ledger() : null;
    if (ledger != null) {
      entry = ledger.begin(cx.dispatcher(), name());
    }
    try {
      open();
    } catch (Throwable t) {
      tell(LedgerSink.End.FAILED, t);
      throw t;
    }
  }

  private void tell(LedgerSink.End how, @Nullable Throwable failure) {
    LedgerSink.Entry e = entry;
    if (e != null) {
      entry = null;
      e.ended(how, failure);
    }
  }

  private boolean hasMessage() {
    return SLOT.getAcquire(ring, head & mask) != null;
  }

  @SuppressWarnings("unchecked") // only received() fills the ring
  private T take() {
    int slot = head++ & mask;
    T message = (T) SLOT.getAcquire(ring, slot);
    assert message != null;
    SLOT.setRelease(ring, slot, null);
    if (entry != null) {
      entry.event();
    }
    if (++consumed == batch) {
      consumed = 0;
      if (terminal == null) {
        request(batch); // may bring some before it returns
      }
    }
    return message;
  }

  @SuppressWarnings("NullAway") // as above
  private Poll<@Nullable T> ended(Object how) throws Exception {
    if (how == COMPLETED) {
      tell(LedgerSink.End.COMPLETED, null);
      return end();
    }
    tell(LedgerSink.End.FAILED, (Throwable) how);
    if (how instanceof Exception exception) {
      throw exception;
    }
    if (how instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException("a gRPC call failed with a bare Throwable", (Throwable) how);
  }

  @Override
  protected final void release() {
    boolean over = isOver();
    terminal = RELEASED;
    waiter.clear();
    while (hasMessage()) { // gRPC may keep a reference to this for long
      SLOT.setRelease(ring, head++ & mask, null);
    }
    tell(LedgerSink.End.CANCELLED, null); // if it has not ended
    if (!over) {
      giveUp();
    }
  }
}
