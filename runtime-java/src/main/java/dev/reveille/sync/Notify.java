package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/**
 * Tells tasks that something they look at has changed: the asynchronous condition variable. It
 * carries no value; what has changed is elsewhere, in a queue of one's own, say.
 *
 * <p>{@link #notifyOne} is meant for one: for the one who has waited longest; or, if nobody waits,
 * for the next who comes, in one stored notification, which further calls do not multiply. {@link
 * #notifyWaiters} is meant for all who wait now, and stores nothing. A waiter that was notified and
 * gives up before it looked passes a {@code notifyOne} on.
 *
 * <p><b>No notification is lost</b> if a task first listens, then looks, and only then waits. A
 * {@link Listener} is registered by {@link Listener#enable}, or by its first poll, so what changes
 * after that look is told to it:
 *
 * <pre>{@code
 * Queue<String> queue = new ConcurrentLinkedQueue<>();
 * Notify notify = new Notify("queue");
 * Notify.Listener listener = notify.listener();
 * loop.spawn(
 *     "consumer",
 *     new Pollable<Complete>() {
 *       @Override
 *       public Poll<Complete> poll(Context cx) {
 *         for (; ; ) {
 *           Poll<Complete> notified = listener.pollNotified(cx); // first listen,
 *           String item = queue.poll(); // then look
 *           if (item != null) {
 *             log.add(item);
 *             listener.close(); // what came in between is for the next consumer
 *             return Poll.ready();
 *           }
 *           if (notified.isPending()) {
 *             return Poll.pending();
 *           }
 *         }
 *       }
 *
 *       @Override
 *       public void cancel() {
 *         listener.close();
 *       }
 *     });
 * queue.add("an item"); // first change,
 * notify.notifyOne(); // then notify
 * }</pre>
 *
 * <p><b>Threading.</b> All methods may be called by any thread; tasks of any dispatcher may wait.
 * <b>Memory effects.</b> Actions before a notification happen-before what follows the poll that
 * gets it, or that gets the one stored by an earlier call which it was merged with.
 *
 * <p>The rules are those of tokio's {@code Notify}, but that {@link #notifyWaiters} reaches those
 * who are registered, not those who were merely created.
 */
public final class Notify {
  // One lock guards all of it, and the state of every Listener:
  //
  //   IDLE ------ a stored notification ---> ONE       IDLE --- nothing stored ---> queued
  //   queued ---- notifyOne, at the head --> ONE       queued - notifyWaiters ----> ALL
  //   ONE, ALL -- the poll that is Ready --> IDLE
  //   ONE ------- close ----> IDLE, and its notification goes to the next, or is stored
  //   ALL, queued close ----> IDLE
  //
  // Stored implies that nobody is queued: a notification is stored only for want of a waiter, and
  // the first who comes takes it.

  private static final byte IDLE = 0;
  private static final byte ONE = 1;
  private static final byte ALL = 2;

  private final Object lock = new Object();
  private final WaiterQueue waiters = new WaiterQueue();
  private final String name;
  private final String why;
  private boolean stored;

  /** Creates one without a name and without a stored notification. */
  public Notify() {
    this("notify");
  }

  /**
   * Creates one without a stored notification.
   *
   * @param name for dumps and messages
   */
  public Notify(String name) {
    this.name = requireNonNull(name, "name");
    this.why = "notification of '" + name + "'";
  }

  /**
   * Notifies the one who has waited longest; if nobody waits, stores the notification for the next
   * who comes. One is stored at most.
   */
  public void notifyOne() {
    Waker wake;
    synchronized (lock) {
      wake = passOn();
    }
    if (wake != null) {
      wake.wake();
    }
  }

  /** Notifies those who wait now, all of them, in the order of their coming. Stores nothing. */
  public void notifyWaiters() {
    Waker wake = null;
    synchronized (lock) {
      for (Listener l = (Listener) waiters.pollFirst();
          l != null;
          l = (Listener) waiters.pollFirst()) {
        l.state = ALL;
        wake = WakeAll.add(wake, l.leave());
      }
    }
    if (wake != null) {
      wake.wake();
    }
  }

  /** Under the lock: one notification, to the next who waits, or to be stored. */
  private @Nullable Waker passOn() {
    Listener first = (Listener) waiters.pollFirst();
    if (first == null) {
      stored = true;
      return null;
    }
    first.state = ONE;
    return first.leave();
  }

  /**
   * Waits for one notification. It takes its place among those who wait in its first poll: poll it,
   * then look at what may have changed, then return Pending.
   *
   * <p>Ready when it was notified, or at once if a notification is stored. Pending until then; the
   * one who notifies wakes. Throws nothing. {@code cancel()} gives up the place; a {@link
   * #notifyOne} that had reached it is passed on.
   *
   * @return a new one-shot operation
   */
  public Pollable<Complete> notified() {
    return new Notified(listener());
  }

  /**
   * One who waits for notification after notification: the layer without an object per wait.
   *
   * @return a new listener, not registered yet
   */
  public Listener listener() {
    return new Listener();
  }

  /**
   * How many are registered and were not notified yet.
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
      return "Notify['"
          + name
          + "', "
          + waiters.size()
          + " waiting"
          + (stored ? ", notification stored]" : "]");
    }
  }

  /**
   * One who waits for notifications, one after the other. It is registered from {@link #enable}, or
   * from a poll that is Pending, until it is notified or closed.
   *
   * <p>A task that waits with it closes it when it is cancelled: else the listener would be told in
   * the place of others, and nobody would look.
   *
   * <p><b>Threading.</b> One task at a time polls it; {@link #close} may be called by any thread.
   */
  public final class Listener extends Waiter implements AutoCloseable {
    /** Guarded by the lock. */
    private byte state = IDLE;

    private Listener() {}

    /**
     * Registers without waiting, so that what is notified from now on is not missed. Does nothing
     * if it is registered or notified already.
     *
     * @return true if there is a notification: the next poll is Ready
     */
    public boolean enable() {
      synchronized (lock) {
        return registered();
      }
    }

    /** Under the lock. Returns true if notified; else it is queued. */
    private boolean registered() {
      if (state == IDLE) {
        if (stored) {
          stored = false;
          state = ONE;
        } else if (!isQueued()) {
          waiters.addLast(this);
        }
      }
      return state != IDLE;
    }

    /**
     * Waits for one notification; may be called again and again, and after it was Ready it waits
     * for another one. Ready when it was notified, or at once if a notification is stored. Pending
     * until then; the one who notifies wakes. To give up, call {@link #close}. Throws nothing.
     *
     * @param cx the context of the poll
     * @return ready with a notification, which is used up by that
     */
    public Poll<Complete> pollNotified(Context cx) {
      for (; ; ) {
        Waker evicted = null;
        boolean notified;
        synchronized (lock) {
          if (state == IDLE && !stored) {
            evicted = takePlace(cx, why);
          }
          notified = registered();
        }
        if (!notified) {
          if (evicted != null) {
            evicted.wake();
          }
          return Poll.pending();
        }
        if (!cx.tryProceed()) { // outside the lock, since it may wake
          return Poll.pending(); // the notification stays with this listener
        }
        synchronized (lock) {
          if (state != IDLE) { // else a close() has passed it on meanwhile
            state = IDLE;
            return Poll.ready();
          }
        }
      }
    }

    /**
     * Stops waiting. A {@link Notify#notifyOne} that has reached this listener, and that no poll
     * has returned, is passed on to the next. Any thread; idempotent; it may wait again afterwards.
     */
    @Override
    public void close() {
      Waker wake = null;
      synchronized (lock) {
        byte was = state;
        state = IDLE;
        waiters.remove(this);
        leave();
        if (was == ONE) {
          wake = passOn();
        }
      }
      if (wake != null) {
        wake.wake();
      }
    }

    @Override
    public String toString() {
      synchronized (lock) {
        return "Listener[of '"
            + name
            + "', "
            + (state != IDLE ? "notified]" : isQueued() ? "waiting]" : "not waiting]");
      }
    }
  }

  private static final class Notified extends Operation<Complete> {
    private final Listener listener;

    Notified(Listener listener) {
      super("notification");
      this.listener = listener;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      return listener.pollNotified(cx);
    }

    @Override
    protected void doCancel() {
      listener.close();
    }
  }
}
