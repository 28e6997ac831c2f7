package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
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
 * <p><b>How to use it.</b> An endpoint extends this class and keeps one {@link WakerSlot} per
 * direction. Its poll methods begin with {@link #checkOpen}; go on if the operation {@link #isReady
 * is ready} and the budget allows; and else {@link #await await} it with the slot. Where its reads
 * and writes find that there is no more, they call {@link #exhausted}. {@link #wake} wakes the
 * slots of the operations it is told; it is called for reports, and with all bits set at the end.
 * {@code close()} is {@link #close(String)}.
 *
 * <p>A registration that owns its channel is known to the dispatcher from its construction to its
 * close, whether or not a selector has it, and is closed with the dispatcher. One that does not own
 * it, since it is somebody else's, is not.
 *
 * <p>On the loop only, but for the construction, which any thread may do.
 */
abstract class Registration {
  final SelectorDispatcher dispatcher;
  private final SelectableChannel channel;

  private @Nullable SelectionKey key;

  /** Operations that were reported, or that nothing has denied yet. */
  private int ready;

  /** A copy of the key's interest: reading the key's takes a lock. */
  private int interest;

  /** Links of {@link Registrations}, and guarded by its lock. */
  @Nullable Registration before;

  @Nullable Registration after;

  /** For a channel that this registration owns, and closes. */
  Registration(SelectorDispatcher dispatcher, SelectableChannel channel, int initiallyReady) {
    this(dispatcher, channel, initiallyReady, true);
  }

  Registration(
      SelectorDispatcher dispatcher, SelectableChannel channel, int initiallyReady, boolean owned) {
    this.dispatcher = dispatcher;
    this.channel = channel;
    this.ready = initiallyReady;
    if (owned) {
      own();
    }
  }

  /** From now on the channel is closed with the dispatcher. Once. */
  final void own() {
    dispatcher.registrations.add(this);
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
    if (!dispatcher.onLoop()) {
      throw new IllegalStateException(
          this
              + " belongs to the loop of dispatcher '"
              + dispatcher.name()
              + "' and was polled by task '"
              + cx.taskName()
              + "' on the loop of '"
              + cx.dispatcher().name()
              + "'; spawn the task on its own dispatcher");
    }
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
    signal(operations);
  }

  /** Something is ready that no selector reports: an end that was made on this side. */
  final void signal(int operations) {
    ready |= operations;
    wake(operations);
  }

  final void checkOpen() throws ClosedChannelException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
  }

  /** The key, which changes when the selector is replaced; null before the first wait. */
  final @Nullable SelectionKey key() {
    return key;
  }

  // ------------------------------------------------------------------ the end

  /** Closes the channel, taking the driver's role if nobody has it, and wakes all who wait. */
  final void close(String operation) {
    close(operation, false);
  }

  /**
   * The same. The system's socket of a channel that a selector has is closed when the selector next
   * selects, which a driver will do soon; so it is made to do so here if nobody drives, or if the
   * caller wants the address back.
   */
  final void close(String operation, boolean atOnce) {
    if (!channel.isOpen() && !dispatcher.registrations.contains(this)) {
      return; // but if somebody else has closed it, those who wait do not know that yet
    }
    boolean taken = enter(operation);
    try {
      boolean registered = key != null;
      discard();
      wake(~0);
      if (registered && (taken || atOnce)) {
        dispatcher.flush();
      }
    } finally {
      dispatcher.exit(taken);
    }
  }

  /**
   * Takes the driver's role for a call, if nobody has it; throws, naming this one and the threads,
   * if another thread has it. For {@code dispatcher.exit}.
   */
  final boolean enter(String operation) {
    return !dispatcher.onLoop() && dispatcher.enter(operation + " of " + this);
  }

  /** Closes the channel. Nobody waits, or nobody is left who could be woken. */
  final void discard() {
    forget();
    try {
      channel.close();
    } catch (IOException e) {
      dispatcher.closeFailed(channel, e);
    }
    closed();
  }

  /** After the channel was closed by its owner: releases what else there is. */
  void closed() {}

  /** The dispatcher knows it no more, and its key, if it has one, goes with the next select. */
  final void forget() {
    dispatcher.registrations.remove(this);
    if (key != null) {
      key = null;
      dispatcher.released();
    }
  }

  /** The channel of another registration, which ends, goes on with this one. */
  final void takeOver(Registration other) {
    dispatcher.registrations.remove(other);
    SelectionKey k = other.key;
    other.key = null;
    if (k != null) {
      k.attach(this);
      key = k;
      interest = other.interest;
    }
  }

  /** By the selector: if the channel was closed by somebody who has it, the key went with it. */
  final void wakeIfLost() {
    SelectionKey k = key;
    if (k != null && !k.isValid() && !channel.isOpen()) {
      dispatcher.registrations.remove(this);
      key = null;
      interest = 0;
      wake(~0);
    }
  }

  // ------------------------------------------------------------------ the selector

  /** The selector is replaced by another. */
  final void moveTo(Selector other) {
    try {
      key = channel.register(other, interest, this);
    } catch (ClosedChannelException | CancelledKeyException e) {
      interest = 0; // the poll that is woken finds it closed
      wake(~0);
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
