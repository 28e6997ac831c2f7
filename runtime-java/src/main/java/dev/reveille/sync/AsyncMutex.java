package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A lock that is held across polls: by a task while it waits for something else, by one at a time.
 * Tasks of one dispatcher need none for what they do within one poll, where nobody comes in
 * between.
 *
 * <p>First come, first served: an unlock hands the lock directly to the one who has waited longest,
 * and nobody barges in between. It is <b>not reentrant</b>: it is held by a {@link Guard}, not by a
 * task or a thread, and a task that locks it a second time waits for itself for ever. {@link
 * #toString} and {@link #holder} say who holds it.
 *
 * <pre>{@code
 * AsyncMutex mutex = new AsyncMutex("journal");
 * Pollable<AsyncMutex.Guard> lock = mutex.lock();
 * loop.spawn(
 *     "writer",
 *     Pollable.owning(
 *         List.of(lock),
 *         cx -> {
 *           Poll<AsyncMutex.Guard> poll = lock.poll(cx);
 *           if (poll.isPending()) {
 *             return Poll.pending();
 *           }
 *           try (AsyncMutex.Guard guard = poll.value()) {
 *             log.add("held by " + mutex.holder());
 *           }
 *           return Poll.ready();
 *         }));
 * }</pre>
 *
 * <p><b>Threading.</b> All methods may be called by any thread; tasks of any dispatcher may wait,
 * and the guard may be closed by another one than locked it. <b>Memory effects.</b> Actions before
 * an unlock happen-before what follows the next lock.
 */
public final class AsyncMutex {
  // One lock guards all of it. "holder" is the guard that holds the mutex; it passes from guard to
  // guard within unlock(), so the mutex is free only when nobody waits, and a lock that finds it
  // free barges past nobody. A guard that was handed the mutex holds it, whether its task has
  // looked or not: closing it hands the mutex on.

  private final Object lock = new Object();
  private final WaiterQueue waiters = new WaiterQueue();
  private final String name;
  private final String why;
  private @Nullable Guard holder;

  /** Creates an unlocked mutex without a name. */
  public AsyncMutex() {
    this("mutex");
  }

  /**
   * Creates an unlocked mutex.
   *
   * @param name for dumps and messages
   */
  public AsyncMutex(String name) {
    this.name = requireNonNull(name, "name");
    this.why = "mutex '" + name + "'";
  }

  /**
   * Locks the mutex. It takes its place among those who wait in its first poll.
   *
   * <p>Ready with a {@link Guard} that holds the mutex, at once if it is free. Pending until it is
   * handed over; the one who unlocks wakes. Throws nothing. {@code cancel()} gives up the place, or
   * hands on the mutex that it was handed already.
   *
   * @return a new one-shot operation
   */
  public Pollable<Guard> lock() {
    return new Lock(guard());
  }

  /**
   * Locks the mutex if it is free. The holder is known by the name of the calling thread.
   *
   * @return a guard that holds the mutex, or null
   */
  public @Nullable Guard tryLock() {
    Guard guard = guard();
    return guard.tryLock() ? guard : null;
  }

  /**
   * Locks the mutex, and blocks the calling thread until it is handed over: for threads beside the
   * loops. Takes its place in the same queue as the tasks.
   *
   * @return a guard that holds the mutex
   * @throws InterruptedException if the thread was interrupted before it had the mutex; if that
   *     came first, it is returned and the thread stays interrupted
   */
  public Guard blockingLock() throws InterruptedException {
    Guard guard = blockingLock(Parking.FOREVER);
    assert guard != null;
    return guard;
  }

  /**
   * {@link #blockingLock()} for a limited time, of the system's clock.
   *
   * @param timeout how long to wait at most; zero or less means not at all
   * @return a guard that holds the mutex, also if it came in the last moment; null if the time ran
   *     out
   * @throws InterruptedException as {@link #blockingLock()}
   */
  public @Nullable Guard blockingLock(Duration timeout) throws InterruptedException {
    return blockingLock(Parking.nanos(timeout));
  }

  private @Nullable Guard blockingLock(long nanos) throws InterruptedException {
    Guard guard = guard();
    try {
      Parking.await(this, nanos, guard::lockOrWait);
    } catch (InterruptedException e) {
      if (!guard.keepOrLeave()) {
        throw e;
      }
      Thread.currentThread().interrupt(); // the mutex came first
    }
    return guard.keepOrLeave() ? guard : null;
  }

  /**
   * A guard that holds nothing yet, to be locked by {@link Guard#pollLock} as often as one likes:
   * the layer without an object per lock.
   *
   * @return a new guard
   */
  public Guard guard() {
    return new Guard();
  }

  /**
   * Whether somebody holds the mutex.
   *
   * @return true between a lock and its unlock
   */
  public boolean isLocked() {
    synchronized (lock) {
      return holder != null;
    }
  }

  /**
   * Who holds the mutex: the name of the task that locked it or was handed it, or of the thread.
   *
   * @return a name, or null if the mutex is free
   */
  public @Nullable String holder() {
    synchronized (lock) {
      Guard g = holder;
      return g == null ? null : g.owner;
    }
  }

  /**
   * How many wait.
   *
   * @return zero or more
   */
  public int waiting() {
    synchronized (lock) {
      return waiters.size();
    }
  }

  @Override
  public String toString() {
    synchronized (lock) {
      Guard g = holder;
      return "AsyncMutex['"
          + name
          + "', "
          + (g == null ? "free" : "held by '" + g.owner + "'")
          + ", "
          + waiters.size()
          + " waiting]";
    }
  }

  private static String thisThread() {
    return Thread.currentThread().getName();
  }

  /**
   * One who holds the mutex, or waits for it, or neither. It may lock again after it was closed,
   * and its {@link #close} may be called in any state: it is also how to give up waiting.
   *
   * <p>A task that waits with it closes it when it is cancelled: else it would be handed a mutex
   * that nobody unlocks. The {@linkplain AsyncMutex#lock operations} do that by themselves.
   *
   * <p><b>Threading.</b> One task or thread at a time may wait with it; {@link #close} may be
   * called by any thread.
   */
  public final class Guard extends Waiter implements AutoCloseable {
    /** Guarded by the mutex's lock. Who asked last: a name, so that it keeps no task alive. */
    private @Nullable String owner;

    private Guard() {}

    /**
     * Locks the mutex; may be called again and again. Ready while this guard holds it. Pending
     * until then; the one who unlocks wakes. To give up, call {@link #close}. Throws nothing.
     *
     * @param cx the context of the poll
     * @return ready when held
     */
    public Poll<Complete> pollLock(Context cx) {
      String task = cx.taskName(); // may be made by user code, so not under the lock
      Waker evicted = null;
      boolean held;
      synchronized (lock) {
        held = holder == this;
        if (!held) {
          held = holder == null;
          if (held) {
            holder = this;
          } else {
            evicted = takePlace(cx, why);
            enqueue();
          }
          owner = task;
        }
      }
      if (!held) {
        if (evicted != null) {
          evicted.wake();
        }
        return Poll.pending();
      }
      // Outside the lock, since it may wake. Held is held: the next poll, or close(), finds it.
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }

    /**
     * Locks the mutex if it is free. The holder is known by the name of the calling thread.
     *
     * @return whether this guard holds it
     */
    public boolean tryLock() {
      synchronized (lock) {
        if (holder == null) {
          owner = thisThread();
          holder = this;
        }
        return holder == this;
      }
    }

    private boolean lockOrWait(Waker thread) {
      synchronized (lock) {
        if (tryLock()) {
          return true;
        }
        owner = thisThread();
        waitAs(thread);
        enqueue();
        return false;
      }
    }

    /** Held, also if that was in the last moment; or neither held nor waited for. */
    private boolean keepOrLeave() {
      if (isHeld()) {
        return true;
      }
      close(); // what is handed over in between is handed on
      return false;
    }

    private void enqueue() {
      if (!isQueued()) {
        waiters.addLast(this);
      }
    }

    /**
     * Unlocks the mutex, or stops waiting for it. An unlock hands it to the next in the queue. Does
     * nothing in a guard that neither holds it nor waits. Any thread.
     */
    @Override
    public void close() {
      Waker waker;
      synchronized (lock) {
        if (holder == this) {
          Guard next = (Guard) waiters.pollFirst();
          holder = next;
          waker = next == null ? null : next.leave();
        } else {
          waiters.remove(this);
          waker = null;
        }
        leave();
      }
      if (waker != null) {
        waker.wake();
      }
    }

    /**
     * Whether this guard holds the mutex.
     *
     * @return true between a lock and {@link #close}
     */
    public boolean isHeld() {
      synchronized (lock) {
        return holder == this;
      }
    }

    @Override
    public String toString() {
      synchronized (lock) {
        return "Guard[of '"
            + name
            + "', "
            + (holder == this ? "held by '" + owner + "'" : isQueued() ? "waited for" : "not held")
            + "]";
      }
    }
  }

  private static final class Lock extends Operation<Guard> {
    private final Guard guard;

    Lock(Guard guard) {
      super("lock of a mutex");
      this.guard = guard;
    }

    @Override
    protected Poll<Guard> doPoll(Context cx) {
      return guard.pollLock(cx).isReady() ? Poll.ready(guard) : Poll.pending();
    }

    @Override
    protected void doCancel() {
      guard.close();
    }
  }
}
