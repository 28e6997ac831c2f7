package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An end of a {@link Channel} that receives. Each value goes to one receiver. When the last
 * receiver is closed, so is the channel, and what is left in it is {@linkplain
 * Channel#onUndelivered undelivered}.
 *
 * <p>Two layers. {@link #pollReceive} may be called again and again and allocates nothing while it
 * waits: its place among those who wait is part of this object. {@link #receive} gives one-shot
 * operations, each with a place of its own.
 *
 * <pre>{@code
 * Receiver<Integer> receiver = channel.newReceiver();
 * JoinHandle<Integer> sum =
 *     loop.spawn(
 *         "adds up",
 *         new Pollable<Integer>() {
 *           private int sum;
 *
 *           @Override
 *           public Poll<Integer> poll(Context cx) {
 *             for (; ; ) {
 *               Poll<@Nullable Integer> poll = receiver.pollReceive(cx);
 *               if (poll.isPending()) {
 *                 return Poll.pending();
 *               }
 *               Integer value = poll.value();
 *               if (value == null) {
 *                 return Poll.ready(sum); // no sender is left
 *               }
 *               sum += value;
 *             }
 *           }
 *
 *           @Override
 *           public void cancel() {
 *             receiver.close();
 *           }
 *         });
 * }</pre>
 *
 * <p><b>Threading.</b> One task or thread uses a receiver at a time; it may be handed from one to
 * another. {@link #close} may be called by any thread at any time. <b>Memory effects.</b> Those of
 * the {@link Channel}.
 *
 * <p>A task that ends while {@link #pollReceive} is pending stays first in the queue, and would be
 * handed a value that it never takes. It closes its receiver when it ends, or calls {@link
 * #cancelReceive}.
 *
 * @param <T> the type of the values
 */
public final class Receiver<T> implements AutoCloseable {
  private final ChannelCore<T> core;

  /** What waits for {@link #pollReceive}. */
  final ReceiveOperation<T> op;

  /** Made when it first waits behind others, and kept. By the lock of the channel. */
  private @Nullable ChannelNode<T> node;

  /** Closed. Written under the lock; volatile for those who only ask, which go without. */
  private volatile boolean retired;

  Receiver(ChannelCore<T> core) {
    this.core = core;
    this.op = new ReceiveOperation<>(core, null);
    core.openReceiver();
  }

  // ------------------------------------------------------------------ polling

  /**
   * Receives the next value.
   *
   * <p>Ready with a value, or with null if the channel is closed and nothing is left to take.
   * Pending while there is no value or others wait before it, and when the budget is spent; whoever
   * sends or closes wakes. A value that comes while it is pending belongs to this receiver: it is
   * what the next call, or {@link #tryReceive}, returns. To give up, call {@link #cancelReceive},
   * which passes it on.
   *
   * @param cx the context of the poll
   * @return ready with a value, or with null at the end
   * @throws IllegalStateException if this receiver is closed; if another task waits with it in
   *     turns
   */
  public Poll<@Nullable T> pollReceive(Context cx) {
    return core.pollReceive(op, this, cx);
  }

  /**
   * Gives up a pending {@link #pollReceive}. A value that was handed over meanwhile goes to the
   * next who waits, or back to the front of the buffer.
   */
  public void cancelReceive() {
    core.cancelReceive(op);
  }

  // ------------------------------------------------------------------ operations

  /**
   * Receives the next value. It takes its place among those who wait in its first poll.
   *
   * <p>Ready with a value, or with null if the channel is closed and nothing is left to take.
   * Pending while there is no value or others wait before it, and when the budget is spent; whoever
   * sends or closes wakes. {@code cancel()} gives up; a value that was handed over already goes to
   * the next who waits, or back to the front of the buffer. Its first poll throws {@link
   * IllegalStateException} if a {@link #pollReceive} of this receiver is pending: that would get
   * the value.
   *
   * @return a new one-shot operation
   * @throws IllegalStateException if this receiver is closed
   */
  public Pollable<@Nullable T> receive() {
    refuseClosed();
    return new ReceiveOperation<>(core, this);
  }

  // ------------------------------------------------------------------ without a task

  /**
   * Takes the next value if there is one and nobody waits for it.
   *
   * @return the value; null if there is none now, or none will come any more: ask {@link
   *     #isDrained} after it
   * @throws IllegalStateException if this receiver is closed
   */
  public @Nullable T tryReceive() {
    return core.tryReceive(this);
  }

  /**
   * Receives the next value, and blocks the calling thread until it comes: for threads beside the
   * loops, virtual ones too. It stands in the same queue as the tasks.
   *
   * @return the value, or null if the channel is closed and nothing is left to take
   * @throws InterruptedException if the thread was interrupted before a value came; if it came
   *     first, it is returned and the thread stays interrupted
   * @throws IllegalStateException if this receiver is closed, a {@link #pollReceive} is pending, or
   *     within a run of a dispatcher
   */
  public @Nullable T blockingReceive() throws InterruptedException {
    return blockingReceive(Parking.FOREVER);
  }

  /**
   * {@link #blockingReceive()} for a limited time, of the system's clock.
   *
   * @param timeout how long to wait at most; zero or less means not at all
   * @return the value, also if it came in the last moment; null if the time is over, or nothing
   *     will come any more: ask {@link #isDrained} after it
   * @throws InterruptedException as {@link #blockingReceive()}
   * @throws IllegalStateException if this receiver is closed, a {@link #pollReceive} is pending, or
   *     within a run of a dispatcher
   */
  public @Nullable T blockingReceive(Duration timeout) throws InterruptedException {
    return blockingReceive(Parking.nanos(timeout));
  }

  private @Nullable T blockingReceive(long nanos) throws InterruptedException {
    refuseClosed();
    core.refusePending(this, "blockingReceive()");
    return BlockingTransfer.receive(core, nanos);
  }

  /**
   * The values of the channel as a stream, which this receiver belongs to from then on: it is
   * closed at the end of the stream, and when that is cancelled.
   *
   * <p>Of the stream: ready with the next value, or at its end when the channel is closed and
   * nothing is left to take. Pending until then; whoever sends or closes wakes. {@code cancel()}
   * closes this receiver.
   *
   * @return a new stream
   * @throws IllegalStateException if this receiver is closed
   */
  public PollStream<T> asStream() {
    refuseClosed();
    return new ReceiverStream<>(this);
  }

  // ------------------------------------------------------------------ the end

  /**
   * Whether the channel is closed and nothing is left to take. If a {@code tryReceive} or {@code
   * blockingReceive} that returned null is followed by true, that was the end. It may become false
   * again if a receiver that was handed a value gives up.
   *
   * @return true at the end
   */
  public boolean isDrained() {
    return core.isDrained();
  }

  /**
   * Closes this end. A value that it was handed and did not take goes to the next receiver that
   * waits, or back to the front of the buffer. With the last receiver the channel is closed: sends
   * fail from now on, those that wait fail at once, and what is left in the buffer goes to {@link
   * Channel#onUndelivered}, here. Operations that came from this receiver go on as long as the
   * channel is open. Idempotent; any thread.
   *
   * @throws RuntimeException what the handler of undelivered values throws, after it was given each
   */
  @Override
  public void close() {
    core.closeReceiver(this);
  }

  /** With the lock of the channel or without. */
  void refuseClosed() {
    if (retired) {
      throw core.retired("receiver");
    }
  }

  // ------------------------------------------------------------------ under the lock

  boolean isClosed() {
    return retired;
  }

  /** Returns false if it was closed before. */
  boolean retire() {
    boolean first = !retired;
    retired = true;
    return first;
  }

  ChannelNode<T> node() {
    ChannelNode<T> n = node;
    if (n == null) {
      n = new ChannelNode<>();
      node = n;
    }
    return n;
  }

  /** The pending one stands first in the queue, and nobody would look what it was handed. */
  void refusePending(String operation) {
    if (op.isPending()) {
      throw new IllegalStateException(
          operation
              + " while a pollReceive() is pending at this receiver of "
              + core.names.channel
              + "; call that again until it is ready, or give it up with cancelReceive()");
    }
  }

  @Override
  public String toString() {
    return "Receiver of " + core;
  }
}
