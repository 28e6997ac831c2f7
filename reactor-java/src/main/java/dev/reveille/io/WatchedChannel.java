package dev.reveille.io;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ChannelReadiness}.
 *
 * <p>The sockets of this package know when they have read too little, and keep a readiness until
 * then. Here somebody else reads. So a readiness is granted to the one who waits for it when it is
 * reported, and ends when it was told; a report for which nobody waits is no readiness at all,
 * since it may be out of date by the time somebody comes. The registration below counts the reports
 * all the same, and takes the interest out after the second that nobody came for.
 *
 * <p>Who polls without an operation of its own waits in the name of this object.
 */
final class WatchedChannel extends Registration implements ChannelReadiness {
  static final int INPUT = OP_READ | OP_ACCEPT;
  static final int OUTPUT = OP_WRITE | OP_CONNECT;

  private final SelectableChannel channel;
  private final WatchedChannels all;
  private final WakerSlot reader = new WakerSlot();
  private final WakerSlot writer = new WakerSlot();

  /** The directions that were reported to a waiter, who has not been told yet. */
  private int granted;

  /** Whether a connection that was pending is looked for. */
  private boolean connecting;

  /** Whether it was given back. Volatile: written on the loop, read by any thread. */
  private volatile boolean givenBack;

  /** Who waits, or waited last: only the same one may give up the wait. */
  private @Nullable Object readerOwner;

  private @Nullable Object writerOwner;

  /** Where it is among all, or -1: for {@link WatchedChannels}. */
  int index = -1;

  WatchedChannel(SelectorDispatcher dispatcher, SelectableChannel channel, WatchedChannels all)
      throws ClosedChannelException {
    super(dispatcher, channel, 0, false);
    this.channel = channel;
    this.all = all;
    dispatcher.register(channel, this); // so that the key leads here from now on
  }

  // ------------------------------------------------------------------ waiting

  @Override
  public Poll<Complete> pollReadable(Context cx) throws ClosedChannelException {
    return poll(cx, INPUT, this);
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws ClosedChannelException {
    return poll(cx, OUTPUT, this);
  }

  Poll<Complete> poll(Context cx, int direction, Object owner) throws ClosedChannelException {
    assert dispatcher.onLoop();
    checkOpen();
    if (givenBack) {
      throw new IllegalStateException("the watch of " + channel + " was closed; watch it again");
    }
    boolean input = direction == INPUT;
    if ((granted & direction) != 0 && (input ? readerOwner : writerOwner) == owner) {
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
      granted &= ~direction;
      return Poll.ready();
    }
    exhausted(direction); // a report that nobody waited for,
    granted &= ~direction; // or somebody who has never come for it
    int operation = operation(direction);
    await(
        cx,
        input ? reader : writer,
        operation,
        input ? "a readable channel" : "a writable channel");
    if (input) {
      readerOwner = owner;
    } else {
      writerOwner = owner;
    }
    checkOpen(); // again: a close by another thread may have come before the registration
    return Poll.pending();
  }

  /** What the selector has to look for. */
  private int operation(int direction) {
    int operation = channel.validOps() & direction;
    if (operation == 0) {
      throw new IllegalArgumentException(
          (direction == INPUT ? "can not be read: " : "can not be written: ") + channel);
    }
    if (operation == OUTPUT) {
      // A connection that is not there yet is never reported as writable, but keeps the selector
      // from sleeping.
      connecting = channel instanceof SocketChannel socket && socket.isConnectionPending();
      return connecting ? OP_CONNECT : OP_WRITE;
    }
    return operation;
  }

  @Override
  void wake(int operations) {
    if ((operations & INPUT) != 0 && reader.isRegistered()) {
      granted |= INPUT;
      reader.wake();
    }
    if ((operations & OUTPUT) != 0 && writer.isRegistered()) {
      granted |= OUTPUT;
      writer.wake();
    }
  }

  /** An operation is cancelled. If another one has taken its place since, that one goes on. */
  void giveUp(int direction, Object owner) {
    boolean input = direction == INPUT;
    if ((input ? readerOwner : writerOwner) != owner) {
      return;
    }
    (input ? reader : writer).clear();
    granted &= ~direction;
    // The interest is taken out when the same readiness is reported for the second time, and nobody
    // has come. Nobody will.
    selected(direction);
    selected(direction);
    exhausted(direction);
  }

  // ------------------------------------------------------------------ the end

  /**
   * If somebody has finished the connection before it was reported, it never will be; but the
   * interest in it would keep the selector from sleeping.
   *
   * @return whether somebody waited for it
   */
  boolean wakeIfConnected() {
    if (!connecting || !(channel instanceof SocketChannel socket) || socket.isConnectionPending()) {
      return false;
    }
    connecting = false;
    boolean anybody = writer.isRegistered();
    selected(OP_CONNECT);
    return anybody;
  }

  /** Closed by somebody who has the channel: whoever polls now finds that out. */
  boolean wakeAll() {
    boolean anybody = reader.isRegistered() || writer.isRegistered();
    reader.wake();
    writer.wake();
    return anybody;
  }

  @Override
  public SelectableChannel channel() {
    return channel;
  }

  @Override
  public boolean isWatching() {
    return !givenBack && channel.isOpen();
  }

  @Override
  public void close() {
    if (!isWatching()) {
      return;
    }
    boolean taken = dispatcher.enter("ChannelReadiness.close");
    try {
      givenBack = true;
      all.remove(this);
      SelectionKey key = dispatcher.keyOf(channel); // null if it was closed by another thread
      if (key != null) {
        dispatcher.released();
        key.cancel();
      }
      wakeAll();
    } finally {
      dispatcher.exit(taken);
    }
  }

  @Override
  public String toString() {
    return "ChannelReadiness[" + channel + "]";
  }
}
