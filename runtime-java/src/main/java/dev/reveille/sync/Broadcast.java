package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Every value to every receiver: each sees all values sent since its subscription, in one order for
 * all. Sending never waits. The newest {@code capacity} values are kept for those who have not
 * received them; a receiver that falls behind further is told how many it missed, by a {@link
 * LaggedException} in their place, and goes on with the oldest value that is left.
 *
 * <pre>{@code
 * Broadcast<String> news = new Broadcast<>("news", 16);
 * Broadcast.Receiver<String> receiver = news.subscribe();
 * loop.spawn(
 *     "reader",
 *     new Pollable<Complete>() {
 *       @Override
 *       public Poll<Complete> poll(Context cx) {
 *         for (; ; ) {
 *           try {
 *             Poll<@Nullable String> poll = receiver.pollReceive(cx);
 *             if (poll.isPending()) {
 *               return Poll.pending();
 *             }
 *             String value = poll.value();
 *             if (value == null) {
 *               return Poll.ready(); // the end
 *             }
 *             log.add(value);
 *           } catch (LaggedException e) {
 *             log.add(e.missed() + " missed");
 *           }
 *         }
 *       }
 *
 *       @Override
 *       public void cancel() {
 *         receiver.close();
 *       }
 *     });
 * news.send("one");
 * news.send("two");
 * news.close();
 * }</pre>
 *
 * <p>A value is held until the last receiver that needs it has received it, was closed, or fell
 * behind; one that is sent when nobody receives is not held at all. Room for values is made when it
 * is needed.
 *
 * <p><b>Threading.</b> All methods may be called by any thread; tasks of any dispatcher may wait.
 * <b>Memory effects.</b> Actions before a send happen-before what follows the receipt of its value;
 * actions before the close happen-before what follows a receiver's end.
 *
 * <p>The rules are those of tokio's {@code broadcast}, but that the capacity is not rounded up and
 * a send to nobody is no error.
 *
 * @param <T> the type of the values
 */
public final class Broadcast<T> implements AutoCloseable {
  // One lock guards all of it. Values are numbered; number p lies in slot p % length, with the
  // count of those who still need it, and is dropped when that comes to zero. A receiver is the
  // number of its next value.
  //
  // While the ring is shorter than the capacity it grows rather than overwrite what is needed. So a
  // receiver's next value lies in the ring, or the ring has its full length and the receiver has
  // fallen behind by more than that: it lags.

  private static final int FIRST_LENGTH = 8;

  private final Object lock = new Object();
  private final WaiterQueue waiters = new WaiterQueue();
  private final String name;
  private final int capacity;

  private @Nullable Object[] values;
  private int[] needed;

  /** The number of the next value. */
  private long tail;

  /** How many slots hold a value. */
  private int retained;

  private int receivers;
  private boolean closed;

  /**
   * Creates one without a name.
   *
   * @param capacity how many values are kept for slow receivers; at least one
   * @throws IllegalArgumentException if it is less than one
   */
  public Broadcast(int capacity) {
    this("broadcast", capacity);
  }

  /**
   * Creates one.
   *
   * @param name for dumps and messages
   * @param capacity how many values are kept for slow receivers; at least one
   * @throws IllegalArgumentException if {@code capacity} is less than one
   */
  public Broadcast(String name, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "a broadcast cannot have a capacity of " + capacity + ": at least one");
    }
    this.name = requireNonNull(name, "name");
    this.capacity = capacity;
    int length = Math.min(capacity, FIRST_LENGTH);
    this.values = new @Nullable Object[length];
    this.needed = new int[length];
  }

  /**
   * Sends a value to all who are subscribed now. Never waits: what it overwrites is missed by those
   * who are too slow, who are told.
   *
   * @param value the value
   * @return how many receivers it was sent to; zero if there is none, and then it is not kept
   * @throws IllegalStateException if this broadcast was closed
   */
  public int send(T value) {
    requireNonNull(value, "value");
    Waker wake = null;
    int sentTo;
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("broadcast '" + name + "' was closed; nothing can be sent");
      }
      sentTo = receivers;
      if (sentTo > 0) {
        append(value);
        wake = Endpoint.wakeAll(waiters, null);
      }
    }
    if (wake != null) {
      wake.wake();
    }
    return sentTo;
  }

  /**
   * Subscribes: the receiver gets what is sent from now on. After the close it gets nothing, and
   * its end at once.
   *
   * @return a new receiver, to be closed when it is not needed any more
   */
  public Receiver<T> subscribe() {
    synchronized (lock) {
      receivers++;
      return new Receiver<>(this, tail);
    }
  }

  /** Ends it: receivers get what was sent, and then null, which is the end. Idempotent. */
  @Override
  public void close() {
    Waker wake = null;
    synchronized (lock) {
      closed = true;
      wake = Endpoint.wakeAll(waiters, null);
    }
    if (wake != null) {
      wake.wake();
    }
  }

  /**
   * Whether {@link #close} was called.
   *
   * @return true after it
   */
  public boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  /**
   * How many receivers are subscribed.
   *
   * @return those that are not closed
   */
  public int receivers() {
    synchronized (lock) {
      return receivers;
    }
  }

  /**
   * How many values are kept for receivers that have not received them yet.
   *
   * @return zero or more, at most the capacity
   */
  public int retained() {
    synchronized (lock) {
      return retained;
    }
  }

  @Override
  public String toString() {
    synchronized (lock) {
      return "Broadcast['"
          + name
          + "', "
          + receivers
          + " receivers, "
          + retained
          + " of "
          + capacity
          + " retained"
          + (closed ? ", closed]" : "]");
    }
  }

  // ------------------------------------------------------------------ the ring, under the lock

  private int slot(long number) {
    return (int) (number % values.length);
  }

  private void append(T value) {
    if (needed[slot(tail)] > 0 && values.length < capacity) {
      grow();
    }
    int slot = slot(tail);
    if (needed[slot] == 0) {
      retained++;
    } // else it is taken from those who are too slow
    values[slot] = value;
    needed[slot] = receivers;
    tail++;
  }

  private void grow() {
    @Nullable Object[] oldValues = values;
    int[] oldNeeded = needed;
    int oldLength = oldValues.length;
    int length = (int) Math.min(capacity, 2L * oldLength);
    values = new @Nullable Object[length];
    needed = new int[length];
    for (long number = tail - oldLength; number < tail; number++) { // it is full, so not negative
      int from = (int) (number % oldLength);
      values[slot(number)] = oldValues[from];
      needed[slot(number)] = oldNeeded[from];
    }
  }

  /** The number of the oldest value that may still be there. */
  private long oldest() {
    return Math.max(0, tail - values.length);
  }

  /** One receiver less needs it. */
  private @Nullable Object pass(long number) {
    int slot = slot(number);
    Object value = values[slot];
    if (--needed[slot] == 0) {
      values[slot] = null;
      retained--;
    }
    return value;
  }

  /**
   * One who receives: a place in the row of values.
   *
   * <p><b>Threading.</b> All methods may be called by any thread. {@link #pollReceive} keeps one
   * waker: one task at a time uses it. Several operations or threads that wait share the values of
   * this one receiver between them.
   *
   * @param <T> the type of the values
   */
  public static final class Receiver<T> extends Endpoint<@Nullable T, LaggedException>
      implements AutoCloseable {
    private final Broadcast<T> shared;

    /** The number of the next value. Guarded by the lock, as {@code closed}. */
    private long next;

    private boolean closed;

    private Receiver(Broadcast<T> shared, long next) {
      super(shared.lock, shared.waiters, "a value of '" + shared.name + "'");
      this.shared = shared;
      this.next = next;
    }

    /**
     * Receives the next value; may be called again and again, for one value after the other. Ready
     * with a value, or with null when the broadcast was closed and all values were received.
     * Pending if all that was sent was received; the sender wakes. There is nothing to give up but
     * {@link #close}.
     *
     * @param cx the context of the poll
     * @return ready with a value, or with null at the end
     * @throws LaggedException if values were missed, once for each gap; the next call goes on
     *     behind it
     * @throws IllegalStateException if this receiver was closed
     */
    public Poll<@Nullable T> pollReceive(Context cx) throws LaggedException {
      return poll(cx);
    }

    /**
     * {@link #pollReceive} as a one-shot operation: ready, pending and woken as that, and it throws
     * the same. {@code cancel()} stops waiting, and no value is lost by that.
     *
     * @return a new operation
     */
    public Pollable<@Nullable T> receive() {
      return operation("receive of a broadcast");
    }

    /**
     * Receives the next value if there is one.
     *
     * @return the value; null if all that was sent was received: ask {@link #isDrained} whether
     *     that was the end
     * @throws LaggedException if values were missed, once for each gap
     * @throws IllegalStateException if this receiver was closed
     */
    public @Nullable T tryReceive() throws LaggedException {
      return tryTake();
    }

    /**
     * Receives the next value, and blocks the calling thread until there is one: for threads beside
     * the loops.
     *
     * @return the value, or null at the end
     * @throws LaggedException if values were missed, once for each gap
     * @throws IllegalStateException if this receiver was closed
     * @throws InterruptedException if the thread is interrupted; no value is lost by that
     */
    public @Nullable T blockingReceive() throws LaggedException, InterruptedException {
      return blocking(Parking.FOREVER);
    }

    /**
     * {@link #blockingReceive()} for a limited time, of the system's clock.
     *
     * @param timeout how long to wait at most; zero or less means not at all
     * @return the value; null if the time ran out or at the end: ask {@link #isDrained}
     * @throws LaggedException if values were missed, once for each gap
     * @throws IllegalStateException if this receiver was closed
     * @throws InterruptedException if the thread is interrupted; no value is lost by that
     */
    public @Nullable T blockingReceive(Duration timeout)
        throws LaggedException, InterruptedException {
      return blocking(Parking.nanos(timeout));
    }

    /**
     * Whether the broadcast was closed and all values were received. If a {@code tryReceive} or
     * {@code blockingReceive} that returned null is followed by true, that was the end.
     *
     * @return true at the end
     */
    public boolean isDrained() {
      synchronized (shared.lock) {
        return shared.closed && next == shared.tail;
      }
    }

    /** Unsubscribes: values that only this receiver needed are dropped. Idempotent. */
    @Override
    public void close() {
      Waker wake = null;
      synchronized (shared.lock) {
        if (closed) {
          return;
        }
        closed = true;
        shared.receivers--;
        for (long number = Math.max(next, shared.oldest()); number < shared.tail; number++) {
          shared.pass(number);
        }
        wake = wakeOwn();
      }
      if (wake != null) {
        wake.wake();
      }
    }

    @Override
    boolean isReady() {
      if (closed) {
        throw new IllegalStateException("this receiver of '" + shared.name + "' was closed");
      }
      return next < shared.tail || shared.closed;
    }

    @Override
    @SuppressWarnings("unchecked") // only send() puts values there
    @Nullable T take() throws LaggedException {
      if (next == shared.tail) {
        return null; // the end
      }
      long missed = shared.oldest() - next;
      if (missed > 0) {
        next += missed;
        throw new LaggedException(shared.name, missed);
      }
      return (T) requireNonNull(shared.pass(next++));
    }

    @Override
    public String toString() {
      synchronized (shared.lock) {
        return "Receiver[of '"
            + shared.name
            + "', "
            + (shared.tail - next)
            + " behind"
            + (closed ? ", closed]" : "]");
      }
    }
  }
}
