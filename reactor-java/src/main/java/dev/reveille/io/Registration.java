package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.jspecify.annotations.Nullable;

/**
 * A channel in the reactor: what it is ready for, what it is interested in, who waits.
 *
 * <p>The selector is level-triggered: it reports again and again what nobody attends to. A
 * readiness is kept in {@link #ready} until the socket itself denies it, by a short read or write.
 * The interest in reading is left as it is when it is reported, because in a conversation it will
 * be wanted again at once; only when the same readiness is reported a second time, and the task has
 * still not come, is it taken out. So a request costs no change of interest, and a task that does
 * not read costs one report too many, not a spin. The interest in writing is taken out at once:
 * most of the time a socket is writable, and nobody wants to know.
 *
 * <p>On the loop only.
 */
abstract class Registration {
  final SelectorDispatcher dispatcher;
  private final SelectableChannel channel;

  private @Nullable SelectionKey key;

  /** Operations that were reported, or that nothing has denied yet. */
  private int ready;

  /** A copy of the key's interest: reading the key's takes a lock. */
  private int interest;

  Registration(SelectorDispatcher dispatcher, SelectableChannel channel, int initiallyReady) {
    this.dispatcher = dispatcher;
    this.channel = channel;
    this.ready = initiallyReady;
  }

  /** Wakes who waits for these operations. */
  abstract void wake(int operations);

  final boolean isReady(int operation) {
    return (ready & operation) != 0;
  }

  /** The socket has denied it: the next poll waits for a report. */
  final void exhausted(int operation) {
    ready &= ~operation;
  }

  /** Registers the running task and the interest in an operation that is not ready. */
  final void await(Context cx, WakerSlot slot, int operation, String why) {
    slot.register(cx, why);
    if ((interest & operation) == 0) {
      setInterest(interest | operation);
    }
  }

  /** By the selector. */
  final void selected(int operations) {
    int reportedAgain = operations & ready;
    int unwanted = reportedAgain | (operations & ~SelectionKey.OP_READ & ~SelectionKey.OP_ACCEPT);
    if ((interest & unwanted) != 0) {
      setInterest(interest & ~unwanted);
    }
    ready |= operations;
    wake(operations);
  }

  final void checkOpen() throws ClosedChannelException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
  }

  /** Closes the channel, taking the driver's role if nobody has it, and wakes all who wait. */
  final void close(String operation) {
    if (!channel.isOpen()) {
      return;
    }
    boolean taken = dispatcher.enter(operation);
    try {
      channel.close();
    } catch (IOException e) {
      dispatcher.closeFailed(channel, e);
    } finally {
      wake(~0);
      dispatcher.exit(taken);
    }
  }

  private void setInterest(int operations) {
    SelectionKey k = key;
    try {
      if (k == null) {
        k = dispatcher.register(channel, this);
        key = k;
      }
      k.interestOps(operations);
      interest = operations;
    } catch (ClosedChannelException | CancelledKeyException e) {
      // Closed meanwhile by somebody who has the channel: the poll that is woken finds that out.
      interest = 0;
      wake(~0);
    }
  }
}
