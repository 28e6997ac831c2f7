package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Pollable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A queue of values between tasks and threads, which waits at both ends: those who receive, for
 * values; those who send, for a place.
 *
 * <p><b>Kinds.</b> {@link #bounded} has a buffer of some places. {@link #unbounded} never lets a
 * sender wait, and so needs something else that limits it. {@link #rendezvous} has no buffer: a
 * send is complete when a receiver took the value. A buffer takes memory as it fills, not before.
 *
 * <p><b>Order.</b> Values leave in the order in which they went in. Those who wait, on either side,
 * are served in the order in which they came, without barging: who comes while others wait stands
 * behind them. What becomes available is handed to the first who waits in the same step; if that
 * one gives up before it looked, it is passed on to the next, or a value goes back to the
 * <em>front</em> of the buffer (which may be fuller than its capacity by that). Nothing is lost.
 *
 * <p><b>Ends.</b> {@link #newSender} and {@link #newReceiver} make as many as wanted. The channel
 * is closed by {@link #close}, and when the last of its senders or the last of its receivers was
 * closed; one that never had an end is not closed by that. The methods {@link #send}, {@link
 * #trySend}, {@link #receive} and {@link #tryReceive} of the channel itself are for programs that
 * need no such end: they work as long as it is open, and count as nobody's.
 *
 * <p><b>The end.</b> After a close, every send fails and gives its value back, those that wait at
 * once: {@link ChannelClosedException}, {@link TrySendResult#CLOSED}. Values in the buffer can
 * still be received; after them receivers get null. When there is no receiver left to do that, they
 * go to {@link #onUndelivered}.
 *
 * <pre>{@code
 * Channel<String> jobs = Channel.bounded(16, "jobs");
 * Receiver<String> worker = jobs.newReceiver();
 * loop.spawn(
 *     "worker",
 *     cx -> {
 *       for (; ; ) {
 *         Poll<@Nullable String> poll = worker.pollReceive(cx);
 *         if (poll.isPending()) {
 *           return Poll.pending();
 *         }
 *         String job = poll.value();
 *         if (job == null) {
 *           return Poll.ready(); // closed, and all jobs are done
 *         }
 *         done.add(job);
 *       }
 *     });
 * jobs.trySend("sweep");
 * jobs.trySend("mop");
 * jobs.close();
 * }</pre>
 *
 * <p><b>Threading.</b> All methods of this class may be called by any thread; tasks of different
 * dispatchers and threads may wait at either end. <b>Memory effects.</b> Actions before a value is
 * sent happen-before what follows its receive; actions before a receive, or before a permit is
 * given back, happen-before what follows the send or reserve that got the place by that; actions
 * before a close happen-before what follows a call that reports it.
 *
 * @param <T> the type of the values; null is none
 */
public final class Channel<T> implements AutoCloseable {
  private final ChannelCore<T> core;

  private Channel(int capacity, @Nullable String name) {
    core = new ChannelCore<>(capacity, ChannelNames.named(name));
  }

  // ------------------------------------------------------------------ kinds

  /**
   * A channel with a buffer.
   *
   * @param <T> the type of the values
   * @param capacity how many values it holds that nobody has received; at least one
   * @return a new channel
   * @throws IllegalArgumentException if the capacity is less than one
   */
  public static <T> Channel<T> bounded(int capacity) {
    return new Channel<>(atLeastOne(capacity), null);
  }

  /**
   * A channel with a buffer, and with a name.
   *
   * @param <T> the type of the values
   * @param capacity how many values it holds that nobody has received; at least one
   * @param name what dumps and messages call it
   * @return a new channel
   * @throws IllegalArgumentException if the capacity is less than one
   */
  public static <T> Channel<T> bounded(int capacity, String name) {
    return new Channel<>(atLeastOne(capacity), requireNonNull(name, "name"));
  }

  /**
   * A channel whose buffer grows as needed.
   *
   * @param <T> the type of the values
   * @return a new channel
   */
  public static <T> Channel<T> unbounded() {
    return new Channel<>(Integer.MAX_VALUE, null);
  }

  /**
   * A channel whose buffer grows as needed, with a name.
   *
   * @param <T> the type of the values
   * @param name what dumps and messages call it
   * @return a new channel
   */
  public static <T> Channel<T> unbounded(String name) {
    return new Channel<>(Integer.MAX_VALUE, requireNonNull(name, "name"));
  }

  /**
   * A channel without a buffer: sender and receiver meet.
   *
   * @param <T> the type of the values
   * @return a new channel
   */
  public static <T> Channel<T> rendezvous() {
    return new Channel<>(0, null);
  }

  /**
   * A channel without a buffer, with a name.
   *
   * @param <T> the type of the values
   * @param name what dumps and messages call it
   * @return a new channel
   */
  public static <T> Channel<T> rendezvous(String name) {
    return new Channel<>(0, requireNonNull(name, "name"));
  }

  private static int atLeastOne(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "a bounded channel cannot have a capacity of "
              + capacity
              + "; one without a buffer is Channel.rendezvous()");
    }
    return capacity;
  }

  /**
   * Says what to do with values that nobody can receive any more: those that are in the buffer when
   * the last receiver is closed, and those that come back after that from a receive that was given
   * up. Without a handler their number is logged as a warning.
   *
   * @param handler is called with each, oldest first, by the one who closes or gives up; what it
   *     throws is thrown there, after it was called with the others. The last one set counts
   * @return this channel
   */
  public Channel<T> onUndelivered(Consumer<? super T> handler) {
    core.onUndelivered(requireNonNull(handler, "handler"));
    return this;
  }

  // ------------------------------------------------------------------ ends

  /**
   * Makes an end that sends. If the channel is closed, every send of it fails.
   *
   * @return a new open sender
   */
  public Sender<T> newSender() {
    return new Sender<>(core);
  }

  /**
   * Makes an end that receives. If the channel is closed, it receives what is left.
   *
   * @return a new open receiver
   */
  public Receiver<T> newReceiver() {
    return new Receiver<>(core);
  }

  // ------------------------------------------------------------------ without an end

  /**
   * Sends a value without an end. The contract is that of {@link Send}.
   *
   * @param value the value
   * @return a new one-shot operation
   */
  public Send<T> send(T value) {
    return new Send<>(core, value);
  }

  /**
   * Sends a value if that needs no waiting.
   *
   * @param value the value; the caller keeps it unless it was sent
   * @return what came of it
   */
  public TrySendResult trySend(T value) {
    return core.trySend(null, requireNonNull(value, "value"));
  }

  /**
   * Receives the next value without an end. It takes its place among those who wait in its first
   * poll.
   *
   * <p>Ready with a value, or with null if the channel is closed and nothing is left to take.
   * Pending while there is no value or others wait before it, and when the budget is spent; whoever
   * sends or closes wakes. Throws nothing. {@code cancel()} gives up; a value that was handed over
   * already goes to the next who waits, or back to the front of the buffer.
   *
   * @return a new one-shot operation
   */
  public Pollable<@Nullable T> receive() {
    return new ReceiveOperation<>(core, null);
  }

  /**
   * Takes the next value if there is one and nobody waits for it.
   *
   * @return the value; null if there is none now, or none will come any more: ask {@link
   *     #isDrained} after it
   */
  public @Nullable T tryReceive() {
    return core.tryReceive(null);
  }

  // ------------------------------------------------------------------ the end

  /**
   * Closes the channel to values: see the end, above. What is in the buffer can be received.
   * Idempotent.
   */
  @Override
  public void close() {
    core.close();
  }

  /**
   * Whether the channel is closed to values. Costs one volatile read.
   *
   * @return true after {@link #close}, and after the last sender or the last receiver was closed
   */
  public boolean isClosed() {
    return core.isClosed();
  }

  /**
   * Whether the channel is closed and nothing is left to take. It may become false again if a
   * receiver that was handed a value gives up.
   *
   * @return true at the end
   */
  public boolean isDrained() {
    return core.isDrained();
  }

  // ------------------------------------------------------------------ inspection

  /**
   * How many values are in the buffer. Those that were handed over to one who waited are not.
   *
   * @return zero or more
   */
  public int size() {
    return core.size();
  }

  /**
   * The capacity.
   *
   * @return zero of a rendezvous, {@link Integer#MAX_VALUE} of an unbounded channel
   */
  public int capacity() {
    return core.capacity;
  }

  /**
   * How many places of the buffer are neither full nor reserved.
   *
   * @return zero or more
   */
  public int remainingCapacity() {
    return core.remainingCapacity();
  }

  /**
   * How many wait to send or to reserve.
   *
   * @return zero or more
   */
  public int waitingSenders() {
    return core.waitingSenders();
  }

  /**
   * How many wait to receive.
   *
   * @return zero or more
   */
  public int waitingReceivers() {
    return core.waitingReceivers();
  }

  @Override
  public String toString() {
    return core.toString();
  }
}
