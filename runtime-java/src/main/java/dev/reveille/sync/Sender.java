package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An end of a {@link Channel} that sends. When the last sender is closed, so is the channel.
 *
 * <p>Two layers. {@link #pollSend} and {@link #pollReserve} may be called again and again and
 * allocate nothing while they wait: their place among those who wait is part of this object, so
 * there is one pending call at a time. {@link #send} and {@link #reserve} give one-shot operations,
 * each with a place of its own.
 *
 * <pre>{@code
 * Sender<Integer> sender = channel.newSender();
 * int[] next = {1};
 * loop.spawn(
 *     "counts to three",
 *     cx -> {
 *       while (next[0] <= 3) {
 *         if (sender.pollSend(cx, next[0]).isPending()) {
 *           return Poll.pending();
 *         }
 *         next[0]++;
 *       }
 *       sender.close();
 *       return Poll.ready();
 *     });
 * }</pre>
 *
 * <p><b>Threading.</b> One task or thread uses a sender at a time; it may be handed from one to
 * another. {@link #trySend} and {@link #close} may be called by any thread at any time. <b>Memory
 * effects.</b> Those of the {@link Channel}.
 *
 * <p>A task that ends while one of its poll methods is pending leaves its offer with the channel,
 * which may take the value later. It closes its sender in {@code cleanup()}, or calls {@link
 * #cancelSend} or {@link #cancelReserve}.
 *
 * @param <T> the type of the values
 */
public final class Sender<T> implements AutoCloseable {
  private final ChannelCore<T> core;
  private final ChannelNode<T> node = new ChannelNode<>();

  /** The value of the pending {@link #pollSend}. The owner's: the node's value goes. */
  private @Nullable T offered;

  Sender(ChannelCore<T> core) {
    this.core = core;
    core.openSender();
  }

  // ------------------------------------------------------------------ polling

  /**
   * Sends a value. While it is pending, the channel holds the value and may take it at any time; so
   * it is called again with the same value, or an equal one, until it is ready.
   *
   * <p>Ready when the value is in the channel, in a rendezvous when a receiver took it. Pending
   * while there is no place for it or others wait before it, and when the budget is spent; whoever
   * frees the place wakes. To give up, call {@link #cancelSend}.
   *
   * @param cx the context of the poll
   * @param value the value
   * @return ready when the value was sent
   * @throws ChannelClosedException if the channel is closed, or was closed before the value went
   * @throws IllegalStateException if a call with another value is pending, or a {@link
   *     #pollReserve}; if this sender is closed; if another task waits with it in turns
   */
  public Poll<Complete> pollSend(Context cx, T value) {
    requireNonNull(value, "value");
    T pending = offered;
    if (pending == null) {
      refuse(node.reserves, "a pollReserve() is pending", "cancelReserve()");
      pending = value;
    } else {
      // Equal will do: a number that is boxed anew in each poll is still the same number.
      refuse(
          pending != value && !pending.equals(value),
          "a pollSend() of another value is pending",
          "cancelSend()");
    }
    Poll<Complete> poll;
    try {
      poll = core.pollSend(node, null, cx, pending);
    } catch (ChannelClosedException e) {
      offered = null;
      throw e;
    }
    if (poll.isPending()) {
      offered = pending;
    } else if (offered != null) {
      offered = null;
    }
    return poll;
  }

  /**
   * Takes the value of a pending {@link #pollSend} back, unless it went.
   *
   * @return the value if it was taken back; null if it was sent, or none is pending
   */
  public @Nullable T cancelSend() {
    T pending = offered;
    offered = null;
    return pending != null && core.cancelSend(node) ? pending : null;
  }

  /**
   * Reserves a place for a value that is not there yet.
   *
   * <p>Ready with a permit, which holds the place until it is used or closed. Pending while no
   * place is free or others wait before it, in a rendezvous while no receiver waits, and when the
   * budget is spent; whoever frees the place wakes. To give up, call {@link #cancelReserve}.
   *
   * @param cx the context of the poll
   * @return ready with a permit
   * @throws ChannelClosedException if the channel is closed
   * @throws IllegalStateException if a {@link #pollSend} is pending; if this sender is closed; if
   *     another task waits with it in turns
   */
  public Poll<SendPermit<T>> pollReserve(Context cx) {
    refuse(offered != null, "a pollSend() is pending", "cancelSend()");
    return core.pollReserve(node, cx);
  }

  /**
   * Gives up a pending {@link #pollReserve}; a place that was granted meanwhile goes to the next.
   */
  public void cancelReserve() {
    if (node.reserves) {
      core.cancelSend(node);
    }
  }

  // ------------------------------------------------------------------ operations

  /**
   * Sends a value. The contract is that of {@link Send}.
   *
   * @param value the value
   * @return a new one-shot operation
   * @throws IllegalStateException if this sender is closed
   */
  public Send<T> send(T value) {
    refuseClosed();
    return new Send<>(core, value);
  }

  /**
   * Reserves a place for a value that is not there yet. It takes its place among those who wait in
   * its first poll.
   *
   * <p>Ready, pending and woken as {@link #pollReserve}, and throws {@link ChannelClosedException}
   * as that does. {@code cancel()} gives up; a place that was granted already goes to the next.
   *
   * @return a new one-shot operation
   * @throws IllegalStateException if this sender is closed
   */
  public Pollable<SendPermit<T>> reserve() {
    refuseClosed();
    return new ReserveOperation<>(core);
  }

  // ------------------------------------------------------------------ without a task

  /**
   * Sends a value if that needs no waiting. Any thread.
   *
   * @param value the value; the caller keeps it unless it was sent
   * @return what came of it
   * @throws IllegalStateException if this sender is closed
   */
  public TrySendResult trySend(T value) {
    return core.trySend(node, requireNonNull(value, "value"));
  }

  /**
   * Sends a value, and blocks the calling thread until it went: for threads beside the loops,
   * virtual ones too. It stands in the same queue as the tasks.
   *
   * @param value the value
   * @throws ChannelClosedException if the channel is closed before the value went
   * @throws InterruptedException if the thread was interrupted before the value went; if it went
   *     first, the call returns and the thread stays interrupted
   * @throws IllegalStateException if this sender is closed, or within a run of a dispatcher
   */
  public void blockingSend(T value) throws InterruptedException {
    blockingSend(value, Parking.FOREVER);
  }

  /**
   * {@link #blockingSend(Object)} for a limited time, of the system's clock.
   *
   * @param value the value; the caller keeps it if the result is false
   * @param timeout how long to wait at most; zero or less means not at all
   * @return true if the value was sent, also in the last moment; false if the time is over
   * @throws ChannelClosedException if the channel is closed before the value went
   * @throws InterruptedException as {@link #blockingSend(Object)}
   * @throws IllegalStateException if this sender is closed, or within a run of a dispatcher
   */
  public boolean blockingSend(T value, Duration timeout) throws InterruptedException {
    return blockingSend(value, Parking.nanos(timeout));
  }

  private boolean blockingSend(T value, long nanos) throws InterruptedException {
    requireNonNull(value, "value");
    refuseClosed();
    return BlockingTransfer.send(core, value, nanos);
  }

  // ------------------------------------------------------------------ the end

  /**
   * Whether the channel is closed, so that nothing can be sent any more: to stop work whose results
   * nobody wants.
   *
   * @return true after {@link Channel#close}, and after the last receiver was closed
   */
  public boolean isChannelClosed() {
    return core.isClosed();
  }

  /**
   * Closes this end, and with the last sender the channel: receivers get what is buffered, then the
   * end. A value whose {@link #pollSend} is pending is not sent; {@link #cancelSend} before it
   * tells. Operations and permits that came from this sender go on as long as the channel is open.
   * Idempotent; any thread.
   */
  @Override
  public void close() {
    core.closeSender(node);
  }

  private void refuseClosed() {
    core.refuseRetired(node);
  }

  private void refuse(boolean condition, String what, String instead) {
    if (condition) {
      throw new IllegalStateException(
          what
              + " at this sender of "
              + core.names.channel
              + "; call it again until it is ready, or give it up with "
              + instead);
    }
  }

  @Override
  public String toString() {
    return "Sender of " + core;
  }
}
