package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One value that changes, and those who want to know its newest state: a configuration, a level, a
 * phase of the program. Changes between two looks coalesce: a slow receiver skips what was in
 * between, and never holds anybody up.
 *
 * <pre>{@code
 * Watch<String> level = new Watch<>("log level", "INFO");
 * Watch.Receiver<String> receiver = level.subscribe();
 * loop.spawn(
 *     "logger",
 *     new Pollable<Complete>() {
 *       @Override
 *       public Poll<Complete> poll(Context cx) {
 *         for (; ; ) {
 *           Poll<@Nullable String> poll = receiver.pollChanged(cx);
 *           if (poll.isPending()) {
 *             return Poll.pending();
 *           }
 *           String value = poll.value();
 *           if (value == null) {
 *             return Poll.ready(); // the end
 *           }
 *           log.add(value);
 *         }
 *       }
 *
 *       @Override
 *       public void cancel() {
 *         receiver.close();
 *       }
 *     });
 * level.set("WARN");
 * level.set("DEBUG");
 * level.close();
 * }</pre>
 *
 * <p><b>Threading.</b> All methods may be called by any thread; tasks of any dispatcher may wait.
 * <b>Memory effects.</b> Actions before a change happen-before what follows a look that sees it, or
 * a later one.
 *
 * <p>The rules are those of tokio's {@code watch}: what is there at the subscription counts as
 * seen, and the end is told only when the last change was seen.
 *
 * @param <T> the type of the value
 */
public final class Watch<T> implements AutoCloseable {
  /** The value, and how many changes it took. */
  private record State<T>(T value, long version) {}

  private final Object lock = new Object();
  private final WaiterQueue waiters = new WaiterQueue();
  private final String name;

  /**
   * Written under the lock, which orders changes and waiters. Volatile so that {@link #get} needs
   * no lock: its read pairs with that write.
   */
  private volatile State<T> state;

  /** Guarded by the lock. */
  private boolean closed;

  /** Guarded by the lock. */
  private int receivers;

  /**
   * Creates one without a name.
   *
   * @param initial the first value
   */
  public Watch(T initial) {
    this("watch", initial);
  }

  /**
   * Creates one.
   *
   * @param name for dumps and messages
   * @param initial the first value
   */
  public Watch(String name, T initial) {
    this.name = requireNonNull(name, "name");
    this.state = new State<>(requireNonNull(initial, "initial"), 0);
  }

  /**
   * The newest value. Nobody's receiver counts it as seen.
   *
   * @return the value
   */
  public T get() {
    return state.value;
  }

  /**
   * Changes the value; receivers are told, also if the new value is equal to the old one.
   *
   * @param value the new value
   * @throws IllegalStateException if this watch was closed
   */
  public void set(T value) {
    requireNonNull(value, "value");
    Waker wake = null;
    synchronized (lock) {
      wake = change(value);
    }
    if (wake != null) {
      wake.wake();
    }
  }

  /**
   * Changes the value to one that depends on the old value, in one step.
   *
   * @param update makes the new value of the old one; without side effects, since it is called
   *     again if somebody else changes the value meanwhile. It runs on the calling thread, under no
   *     lock. If it returns the old object itself nothing has changed, and nobody is told
   * @return the new value
   * @throws IllegalStateException if this watch was closed
   */
  public T update(UnaryOperator<T> update) {
    requireNonNull(update, "update");
    for (; ; ) {
      State<T> seen = state;
      T value = requireNonNull(update.apply(seen.value), "the updated value");
      Waker wake = null;
      synchronized (lock) {
        if (state.version != seen.version) {
          continue;
        }
        if (value != seen.value || closed) {
          wake = change(value);
        }
      }
      if (wake != null) {
        wake.wake();
      }
      return value;
    }
  }

  private @Nullable Waker change(T value) {
    if (closed) {
      throw new IllegalStateException("watch '" + name + "' was closed; it cannot be changed");
    }
    state = new State<>(value, state.version + 1);
    return Endpoint.wakeAll(waiters, null);
  }

  /**
   * Subscribes: the receiver is told of changes from now on. The present value counts as seen.
   *
   * @return a new receiver, to be closed when it is not needed any more
   */
  public Receiver<T> subscribe() {
    synchronized (lock) {
      receivers++;
      return new Receiver<>(this, state.version);
    }
  }

  /**
   * Ends it: the value stays as it is. Receivers get the last change if they have not seen it, and
   * then null, which is the end. Idempotent.
   */
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

  @Override
  public String toString() {
    synchronized (lock) { // without the value, whose toString() is user code
      return "Watch['"
          + name
          + "', "
          + state.version
          + " changes, "
          + receivers
          + " receivers"
          + (closed ? ", closed]" : "]");
    }
  }

  /**
   * One who is told of changes.
   *
   * <p><b>Threading.</b> All methods may be called by any thread. {@link #pollChanged} keeps one
   * waker: one task at a time uses it. Of several operations that wait one is told of a change.
   *
   * @param <T> the type of the value
   */
  public static final class Receiver<T> extends Endpoint<@Nullable T, RuntimeException>
      implements AutoCloseable {
    private final Watch<T> shared;

    /** The version that was seen last. Guarded by the lock, as {@code closed}. */
    private long seen;

    private boolean closed;

    private Receiver(Watch<T> shared, long seen) {
      super(shared.lock, shared.waiters, "a change of '" + shared.name + "'");
      this.shared = shared;
      this.seen = seen;
    }

    /**
     * Waits for a change; may be called again and again, for one change after the other. Ready with
     * the newest value, which counts as seen then, if it has changed since this receiver saw it; or
     * with null when the watch was closed and the last change was seen. Pending until then; the one
     * who changes it wakes. There is nothing to give up but {@link #close}.
     *
     * @param cx the context of the poll
     * @return ready with the newest value, or with null at the end
     * @throws IllegalStateException if this receiver was closed
     */
    public Poll<@Nullable T> pollChanged(Context cx) {
      return poll(cx);
    }

    /**
     * {@link #pollChanged} as a one-shot operation: ready, pending and woken as that, and it throws
     * the same. {@code cancel()} stops waiting; the change can still be seen.
     *
     * @return a new operation
     */
    public Pollable<@Nullable T> changed() {
      return operation("change of a watch");
    }

    /**
     * The newest value if it was not seen yet. It counts as seen then.
     *
     * @return the value; null if it was seen: ask {@link #isDrained} whether that was the end
     * @throws IllegalStateException if this receiver was closed
     */
    public @Nullable T tryChanged() {
      return tryTake();
    }

    /**
     * The newest value, seen or not. It counts as seen then.
     *
     * @return the value
     * @throws IllegalStateException if this receiver was closed
     */
    public T get() {
      synchronized (shared.lock) {
        checkOpen();
        return see();
      }
    }

    /**
     * Whether there is a change that was not seen. Does not see it.
     *
     * @return true if {@link #tryChanged} would return a value
     */
    public boolean hasChanged() {
      synchronized (shared.lock) {
        return !closed && shared.state.version != seen;
      }
    }

    /**
     * Whether the watch was closed and the last change was seen.
     *
     * @return true at the end
     */
    public boolean isDrained() {
      synchronized (shared.lock) {
        return shared.closed && shared.state.version == seen;
      }
    }

    /** Unsubscribes. Idempotent. */
    @Override
    public void close() {
      Waker wake = null;
      synchronized (shared.lock) {
        if (closed) {
          return;
        }
        closed = true;
        shared.receivers--;
        wake = wakeOwn();
      }
      if (wake != null) {
        wake.wake();
      }
    }

    private void checkOpen() {
      if (closed) {
        throw new IllegalStateException("this receiver of '" + shared.name + "' was closed");
      }
    }

    private T see() {
      State<T> newest = shared.state;
      seen = newest.version;
      return newest.value;
    }

    @Override
    boolean isReady() {
      checkOpen();
      return shared.state.version != seen || shared.closed;
    }

    @Override
    @Nullable T take() {
      return shared.state.version == seen ? null : see();
    }

    @Override
    public String toString() {
      synchronized (shared.lock) {
        return "Receiver[of '"
            + shared.name
            + "', "
            + (closed ? "closed]" : shared.state.version == seen ? "up to date]" : "changed]");
      }
    }
  }
}
