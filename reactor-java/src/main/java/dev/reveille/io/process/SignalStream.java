package dev.reveille.io.process;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import dev.reveille.sync.AbstractPollStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@link Signals#on}. One bit for each kind: set by the JVM's handler threads, taken all at once by
 * the loop, which gives what it took before it looks again. So a kind that never stops coming does
 * not keep the others from being given.
 */
final class SignalStream extends AbstractPollStream<Signal> {
  private static final VarHandle PENDING =
      fieldVarHandle(
          MethodHandles.lookup(), "pending", VarHandle.class, SignalStream.class, long.class);

  private final List<Signal> kinds;
  private final Belongings belongings;
  private final WakerSlot slot = new WakerSlot();

  /**
   * getAndBitwiseOr (volatile) by the handler threads before they wake; pairs with the getAndSet of
   * the loop, which comes after its registration.
   */
  @SuppressWarnings("unused") // by way of PENDING
  private volatile long pending;

  /** Taken from pending and not given yet. On the loop. */
  private long taken;

  private SignalStream(List<Signal> kinds, Belongings belongings) {
    super("signals " + kinds);
    this.kinds = kinds;
    this.belongings = belongings;
  }

  static SignalStream open(Dispatcher dispatcher, List<Signal> kinds) {
    SignalStream stream = new SignalStream(kinds, Belongings.of(dispatcher));
    int joined = 0;
    try {
      for (Signal kind : kinds) {
        SignalHub.join(kind, stream, 1L << joined);
        joined++;
      }
      if (!stream.belongings.add(stream, stream::close)) {
        throw new IllegalStateException(
            "'" + stream + "': dispatcher '" + dispatcher.name() + "' is closed");
      }
    } catch (Throwable t) {
      stream.leave(joined);
      throw t;
    }
    return stream;
  }

  @Override
  @SuppressWarnings(
      "NullAway") // javac 17 does not read the base's Poll<@Nullable T> from its class
  protected Poll<@Nullable Signal> doPollNext(Context cx) {
    if (taken == 0) {
      taken = (long) PENDING.getAndSet(this, 0L);
    }
    if (taken == 0) {
      slot.register(cx, "a signal");
      taken = (long) PENDING.getAndSet(this, 0L);
      if (taken == 0) {
        return Poll.pending();
      }
    }
    if (!cx.tryProceed()) {
      return Poll.pending(); // it stays taken, and is given next time
    }
    int kind = Long.numberOfTrailingZeros(taken);
    taken &= taken - 1;
    return element(kinds.get(kind));
  }

  /** On a thread of the JVM. */
  void arrived(long bit) {
    PENDING.getAndBitwiseOr(this, bit);
    slot.wake();
  }

  @Override
  protected void release() {
    belongings.remove(this);
    close();
  }

  /**
   * Also by the close of the dispatcher, whose tasks have ended by then. Any thread; idempotent.
   */
  private void close() {
    leave(kinds.size());
    slot.clear();
  }

  private void leave(int joined) {
    for (Signal kind : kinds.subList(0, joined)) {
      SignalHub.leave(kind, this);
    }
  }
}
