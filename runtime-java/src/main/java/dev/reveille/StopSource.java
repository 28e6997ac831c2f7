package dev.reveille;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests a stop, once; those who hold the {@link #token} notice. A stop sets a flag and wakes: it
 * never runs user code on the stopping thread. A stop before anybody asked is remembered; a stop
 * after the end of the one who asks does nothing.
 *
 * <p><b>Threading.</b> All methods may be called by any thread.
 */
public final class StopSource {
  /** Shared by tasks that were cancelled before anybody asked for their token. */
  static final StopSource STOPPED = new StopSource();

  static {
    STOPPED.stop();
  }

  private static final int PRUNE_AT_LEAST = 8;

  private final StopToken token = new StopToken(this);

  /** Written under the lock; volatile so that {@link #isStopped} needs none. */
  private volatile boolean stopped;

  /** Guarded by {@code this}, in the order of registration; null when nobody waits. */
  private @Nullable Set<Waker> waiters;

  /** Guarded by {@code this}: how many waiters are looked through for those who have ended. */
  private int pruneAt = PRUNE_AT_LEAST;

  /** Creates a source that was not stopped yet. */
  public StopSource() {}

  /**
   * The token to hand out.
   *
   * @return the same token each time
   */
  public StopToken token() {
    return token;
  }

  /**
   * Requests the stop and wakes those who wait for it.
   *
   * @return true for the call that did it, false if stop was requested before
   */
  public boolean stop() {
    Set<Waker> wake;
    synchronized (this) {
      if (stopped) {
        return false;
      }
      stopped = true;
      wake = waiters;
      waiters = null;
    }
    if (wake != null) {
      Wakers.wakeAll(List.copyOf(wake));
    }
    return true;
  }

  /**
   * Whether stop was requested.
   *
   * @return true after {@link #stop}
   */
  public boolean isStopped() {
    return stopped;
  }

  Poll<Complete> pollStopped(Context cx) {
    if (stopped) {
      return Poll.ready();
    }
    Waker waker = cx.waker("stop request");
    synchronized (this) {
      if (stopped) {
        return Poll.ready();
      }
      Set<Waker> list = waiters;
      if (list == null) {
        waiters = list = new LinkedHashSet<>();
      }
      add(list, waker);
    }
    return Poll.pending();
  }

  /**
   * Drops the ended before the list grows, so that a long-lived token does not grow by one waker
   * per task; the threshold doubles with the living, so that a registration costs O(1) in the long
   * run.
   */
  private void add(Set<Waker> wakers, Waker waker) {
    if (wakers.size() >= pruneAt) {
      wakers.removeIf(w -> w instanceof Posting p && p.isEnded());
      pruneAt = Math.max(PRUNE_AT_LEAST, 2 * wakers.size());
    }
    wakers.add(waker);
  }

  @Override
  public String toString() {
    return stopped ? "StopSource[stopped]" : "StopSource[not stopped]";
  }
}
