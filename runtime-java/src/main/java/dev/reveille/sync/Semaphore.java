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
 * A number of permits, and those who wait for some of them: at most so many connections, requests
 * in flight, bytes in memory.
 *
 * <p>Strictly first come, first served, without barging: permits that become free go to the one who
 * has waited longest. If that one wants more than there are, it collects nothing and holds up those
 * behind it, also those who want less, so that a big request is not starved by small ones. A
 * request for more permits than exist waits until {@link #release} has added enough.
 *
 * <p>Whoever acquires gets a {@link Permit}, which gives back what it holds in {@link
 * Permit#close}, once, on whatever thread that is:
 *
 * <pre>{@code
 * Semaphore connections = new Semaphore("connections", 2);
 * Pollable<Semaphore.Permit> acquire = connections.acquire();
 * loop.spawn(
 *     "client",
 *     Pollable.owning(
 *         List.of(acquire),
 *         cx -> {
 *           Poll<Semaphore.Permit> poll = acquire.poll(cx);
 *           if (poll.isPending()) {
 *             return Poll.pending();
 *           }
 *           try (Semaphore.Permit permit = poll.value()) {
 *             log.add("connected, " + connections.availablePermits() + " left");
 *           }
 *           return Poll.ready();
 *         }));
 * }</pre>
 *
 * <p><b>Threading.</b> All methods may be called by any thread; tasks of any dispatcher may wait.
 * <b>Memory effects.</b> Actions before a permit is given back, or added, happen-before what
 * follows the acquisition that it allows.
 *
 * <p>The rules are those of tokio's {@code Semaphore}; a waiter that gives up after it was granted
 * its permits passes them on.
 */
public final class Semaphore implements AutoCloseable {
  // One lock guards all of it, and the state of every Permit:
  //
  //   idle ---- free permits, nobody before it ----------> held
  //   idle -----------> queued ---- its turn ------------> held      (by the one who releases)
  //   queued, held ---- Permit.close --------------------> idle      (serves the next)
  //   held ------------ forget --------------------------> idle
  //   queued ---------- Semaphore.close -----------------> idle      (its next poll throws)
  //
  // A grant is complete when it is made: there is no moment between "granted" and "held" in which
  // it could get lost. A task that never looks, because it was cancelled, closes its Permit.
  //
  // "existing" counts what is available and what is held, so that only release() can overflow,
  // where somebody can be told, and not a close().

  private final Object lock = new Object();
  private final WaiterQueue waiters = new WaiterQueue();
  private final String name;

  /** Built once: a wait allocates no text. */
  private final String why;

  private int available;
  private int existing;
  private boolean closed;

  /**
   * Creates a semaphore without a name.
   *
   * @param permits how many there are at first; zero or more
   * @throws IllegalArgumentException if it is negative
   */
  public Semaphore(int permits) {
    this("semaphore", permits);
  }

  /**
   * Creates a semaphore.
   *
   * @param name for dumps and messages
   * @param permits how many there are at first; zero or more
   * @throws IllegalArgumentException if {@code permits} is negative
   */
  public Semaphore(String name, int permits) {
    if (permits < 0) {
      throw new IllegalArgumentException("a semaphore cannot have " + permits + " permits");
    }
    this.name = requireNonNull(name, "name");
    this.why = "a permit of '" + name + "'";
    this.available = permits;
    this.existing = permits;
  }

  // ------------------------------------------------------------------ acquiring

  /**
   * Acquires one permit: {@link #acquire(int) acquire(1)}.
   *
   * @return a new one-shot operation
   */
  public Pollable<Permit> acquire() {
    return acquire(1);
  }

  /**
   * Acquires permits, all at once. It takes its place among those who wait in its first poll.
   *
   * <p>Ready with a held {@link Permit} as soon as nobody waits before it and so many permits are
   * free. Pending until then; whoever gives back or adds the permits wakes. Throws {@link
   * ClosedException} if the semaphore is closed before that. {@code cancel()} gives up the place,
   * or passes on what was granted already.
   *
   * @param permits how many; at least one
   * @return a new one-shot operation
   * @throws IllegalArgumentException if {@code permits} is less than one
   */
  public Pollable<Permit> acquire(int permits) {
    return new Acquire(permit(permits));
  }

  /**
   * Acquires one permit if that needs no waiting: {@link #tryAcquire(int) tryAcquire(1)}.
   *
   * @return a held permit, or null
   */
  public @Nullable Permit tryAcquire() {
    return tryAcquire(1);
  }

  /**
   * Acquires permits if that needs no waiting: if so many are free and nobody waits.
   *
   * @param permits how many; at least one
   * @return a held permit, or null if there are too few, somebody waits, or the semaphore is closed
   * @throws IllegalArgumentException if {@code permits} is less than one
   */
  public @Nullable Permit tryAcquire(int permits) {
    Permit permit = permit(permits);
    return permit.tryAcquire() ? permit : null;
  }

  /**
   * Acquires permits, and blocks the calling thread until it has them: for threads beside the
   * loops. Takes its place in the same queue as the tasks.
   *
   * @param permits how many; at least one
   * @return a held permit
   * @throws IllegalArgumentException if {@code permits} is less than one
   * @throws ClosedException if the semaphore is closed before that
   * @throws InterruptedException if the thread was interrupted before it had them; if they came
   *     first, they are returned and the thread stays interrupted
   */
  public Permit blockingAcquire(int permits) throws InterruptedException {
    Permit permit = blockingAcquire(permits, Parking.FOREVER);
    assert permit != null;
    return permit;
  }

  /**
   * {@link #blockingAcquire(int)} for a limited time, of the system's clock.
   *
   * @param permits how many; at least one
   * @param timeout how long to wait at most; zero or less means not at all
   * @return a held permit, also if it came in the last moment; null if the time ran out
   * @throws IllegalArgumentException if {@code permits} is less than one
   * @throws ClosedException if the semaphore is closed before that
   * @throws InterruptedException as {@link #blockingAcquire(int)}
   */
  public @Nullable Permit blockingAcquire(int permits, Duration timeout)
      throws InterruptedException {
    return blockingAcquire(permits, Parking.nanos(timeout));
  }

  private @Nullable Permit blockingAcquire(int permits, long nanos) throws InterruptedException {
    Permit permit = permit(permits);
    try {
      Parking.await(this, nanos, permit::acquireOrWait);
    } catch (InterruptedException e) {
      if (!permit.keepOrLeave()) {
        throw e;
      }
      Thread.currentThread().interrupt(); // the permit came first
    }
    return permit.keepOrLeave() ? permit : null;
  }

  /**
   * A permit that holds nothing yet, to be acquired by {@link Permit#pollAcquire} as often as one
   * likes: the layer without an object per acquisition.
   *
   * @param permits how many it is to hold; at least one
   * @return a new permit
   * @throws IllegalArgumentException if {@code permits} is less than one
   */
  public Permit permit(int permits) {
    if (permits < 1) {
      throw new IllegalArgumentException(
          "cannot acquire " + permits + " permits of '" + name + "': at least one");
    }
    return new Permit(permits);
  }

  // ------------------------------------------------------------------ the others

  /**
   * Adds permits: new ones, or those that were {@linkplain Permit#forget forgotten}. What a {@link
   * Permit} holds is given back by its {@code close()}, not by this.
   *
   * @param permits how many; at least one
   * @throws IllegalArgumentException if {@code permits} is less than one
   * @throws IllegalStateException if there would be more than {@link Integer#MAX_VALUE}, those that
   *     are held included; nothing is added then
   */
  public void release(int permits) {
    if (permits < 1) {
      throw new IllegalArgumentException(
          "cannot release " + permits + " permits of '" + name + "': at least one");
    }
    Waker wake;
    synchronized (lock) {
      if (existing > Integer.MAX_VALUE - permits) {
        throw new IllegalStateException(
            "'" + name + "' has " + existing + " permits; " + permits + " more are too many");
      }
      existing += permits;
      available += permits;
      wake = serve();
    }
    if (wake != null) {
      wake.wake();
    }
  }

  /**
   * Refuses all who wait and who come later: they get {@link ClosedException}. What was granted
   * before that is held, and may be given back. Idempotent.
   */
  @Override
  public void close() {
    Waker wake = null;
    synchronized (lock) {
      closed = true;
      for (Permit p = (Permit) waiters.pollFirst(); p != null; p = (Permit) waiters.pollFirst()) {
        wake = WakeAll.add(wake, p.leave());
      }
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
   * How many permits are free. Those who wait may be waiting for more than that.
   *
   * @return zero or more
   */
  public int availablePermits() {
    synchronized (lock) {
      return available;
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
      return "Semaphore['"
          + name
          + "', "
          + available
          + " of "
          + existing
          + " available, "
          + waiters.size()
          + " waiting"
          + (closed ? ", closed]" : "]");
    }
  }

  /** Under the lock. From the head on, until one wants more than there is. */
  private @Nullable Waker serve() {
    Waker wake = null;
    for (Permit first = (Permit) waiters.first();
        first != null && first.count <= available;
        first = (Permit) waiters.first()) {
      waiters.remove(first);
      available -= first.count;
      first.held = true;
      wake = WakeAll.add(wake, first.leave());
    }
    return wake;
  }

  /**
   * Some permits of a semaphore: held, waited for, or neither. It may be acquired again after it
   * was closed, and its {@link #close} may be called in any state: it is also how to give up
   * waiting.
   *
   * <p>A task that waits with it closes it when it is cancelled: else it would be granted permits
   * that nobody gives back. The {@linkplain Semaphore#acquire operations} do that by themselves.
   *
   * <p><b>Threading.</b> One task or thread at a time may wait with it; {@link #close} and {@link
   * #forget} may be called by any thread.
   */
  public final class Permit extends Waiter implements AutoCloseable {
    private final int count;

    /** Guarded by the semaphore's lock, as the links of the waiter are. */
    private boolean held;

    private Permit(int count) {
      this.count = count;
    }

    /**
     * Acquires the permits; may be called again and again. Ready when they are held, also if that
     * was before. Pending until then; whoever gives back or adds the permits wakes. To give up,
     * call {@link #close}.
     *
     * @param cx the context of the poll
     * @return ready when held
     * @throws ClosedException if the semaphore was closed before that
     */
    public Poll<Complete> pollAcquire(Context cx) {
      Waker evicted = null;
      boolean taken;
      synchronized (lock) {
        taken = take();
        if (!taken) {
          evicted = takePlace(cx, why);
          enqueue();
        }
      }
      if (!taken) {
        if (evicted != null) {
          evicted.wake();
        }
        return Poll.pending();
      }
      // Outside the lock, since it may wake. Held is held: the next poll, or close(), finds it.
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }

    /**
     * Acquires the permits if that needs no waiting.
     *
     * @return whether they are held; false if there are too few, somebody waits, or the semaphore
     *     is closed
     */
    public boolean tryAcquire() {
      synchronized (lock) {
        return held || (!closed && take());
      }
    }

    private boolean acquireOrWait(Waker thread) {
      synchronized (lock) {
        if (take()) {
          return true;
        }
        waitAs(thread);
        enqueue();
        return false;
      }
    }

    /** Held, also if that was in the last moment; or neither held nor waiting. */
    private boolean keepOrLeave() {
      if (isHeld()) {
        return true;
      }
      close(); // what is granted in between is passed on
      return false;
    }

    /** Under the lock. Whoever is queued waits for its turn: who frees permits grants them. */
    private boolean take() {
      if (held) {
        return true;
      }
      if (closed) {
        throw new ClosedException("semaphore '" + name + "' was closed");
      }
      if (!waiters.isEmpty() || available < count) {
        return false;
      }
      available -= count;
      held = true;
      return true;
    }

    private void enqueue() {
      if (!isQueued()) {
        waiters.addLast(this);
      }
    }

    /**
     * Gives back what is held, or stops waiting. Those who wait are served. Does nothing in a
     * permit that is neither held nor waited for. Any thread.
     */
    @Override
    public void close() {
      Waker wake;
      synchronized (lock) {
        if (held) {
          held = false;
          available += count;
        } else if (!waiters.remove(this)) {
          return;
        }
        leave();
        wake = serve(); // also if it only left: it may have held up smaller ones
      }
      if (wake != null) {
        wake.wake();
      }
    }

    /**
     * Keeps the permits from ever being given back by this object: the semaphore has so many fewer.
     * To be undone by {@link Semaphore#release}.
     *
     * @throws IllegalStateException if they are not held
     */
    public void forget() {
      synchronized (lock) {
        if (!held) {
          throw new IllegalStateException(
              "a permit of '" + name + "' that is not held cannot be forgotten");
        }
        held = false;
        existing -= count;
      }
    }

    /**
     * Whether the permits are held.
     *
     * @return true between an acquisition and {@link #close}
     */
    public boolean isHeld() {
      synchronized (lock) {
        return held;
      }
    }

    /**
     * How many permits this is about.
     *
     * @return one or more
     */
    public int permits() {
      return count;
    }

    @Override
    public String toString() {
      synchronized (lock) {
        return "Permit["
            + count
            + " of '"
            + name
            + "', "
            + (held ? "held]" : isQueued() ? "waiting]" : "not held]");
      }
    }
  }

  private static final class Acquire extends Operation<Permit> {
    private final Permit permit;

    Acquire(Permit permit) {
      super("acquire of a semaphore");
      this.permit = permit;
    }

    @Override
    protected Poll<Permit> doPoll(Context cx) {
      return permit.pollAcquire(cx).isReady() ? Poll.ready(permit) : Poll.pending();
    }

    @Override
    protected void doCancel() {
      permit.close();
    }
  }
}
