package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests a stop, once; those who hold the {@link #token} notice. A stop sets a flag and wakes: it
 * never runs user code on the stopping thread. A stop before anybody asked is remembered; a stop
 * after the end of the one who asks does nothing.
 *
 * <p><b>A tree.</b> A source that is made as the {@linkplain #childOf child} of a token is stopped
 * with it, and so are its own children; a child that is stopped does not stop its parent. The child
 * of a stopped parent is born stopped.
 *
 * <pre>{@code
 * StopSource server = new StopSource();
 * StopSource connection = StopSource.childOf(server.token());
 * connection.stop(); // this connection only
 * server.stop(); // whatever hangs on it
 * }</pre>
 *
 * <p>A child that has served its purpose may be {@linkplain #close closed}; one that is simply
 * dropped, with its token, is let go by its parent, too, so that short-lived children of a
 * long-lived source cost nothing in the long run. So whoever waits for a child holds the child or
 * its token.
 *
 * <p><b>Threading.</b> All methods may be called by any thread. Of several who stop a source,
 * directly or by way of its ancestors, one does it. <b>Memory effects.</b> As {@link StopToken}
 * says.
 */
public final class StopSource implements AutoCloseable {
  /*
   * Each source guards its flag, its waiters and its list of children with its own lock, and no two
   * locks are held at once. A stop walks the tree with a work list, not by recursion: it sets the flag
   * and takes waiters and children in one step per source, and wakes when all flags are set. A child
   * that is linked at the same time is either taken with its parent's children or finds the flag; a
   * grandparent's stop reaches it by way of the parent in the same way.
   *
   *   LINKED --- retire(), and nobody hangs on it ---> RETIRED: asks its parent, whatever it is asked
   *     |
   *     +------- stop(), of it or above -------------> STOPPED
   *
   * The source of a task retires at the task's end, so that a long-lived parent does not grow. One on
   * which children or waiters hang stays where it is: a stop from above reaches them through it, and
   * when they are gone it is garbage, which the parent forgets. What is hung on a retired one goes to
   * the nearest ancestor that is not.
   */

  /** Shared by tasks that were cancelled before anybody asked for their token. */
  static final StopSource STOPPED = new StopSource();

  /** Nobody can stop it, so there is nothing to register. */
  static final StopSource NEVER = new StopSource();

  static {
    STOPPED.stop();
  }

  private static final int PRUNE_AT_LEAST = 8;

  /**
   * A child in the list of its parent, which must not keep it alive: who waits for the child's
   * token holds that, and with it the child.
   */
  private static final class Link extends WeakReference<StopSource> {
    @Nullable Link previous;
    @Nullable Link next;
    boolean linked;

    Link(StopSource child) {
      super(child);
    }
  }

  private final StopToken token = new StopToken(this);
  private final @Nullable StopSource parent;
  private final @Nullable Link link;

  /** Written under the lock; volatile so that {@link #isStopped} needs none. */
  private volatile boolean stopped;

  /** As {@link #stopped}. Never true of a source without a parent. */
  private volatile boolean retired;

  /** Guarded by {@code this}. */
  private final Waiters waiters = new Waiters();

  /** Guarded by {@code this}, as the next two: the youngest child. */
  private @Nullable Link children;

  private int childCount;
  private int pruneChildrenAt = PRUNE_AT_LEAST;

  /** Creates a source without a parent that was not stopped yet. */
  public StopSource() {
    this.parent = null;
    this.link = null;
  }

  private StopSource(StopSource parent) {
    this.parent = parent;
    this.link = new Link(this);
  }

  /**
   * Creates a source that is stopped with another one.
   *
   * @param parent the token of the other one
   * @return a new source; stopped already if the parent is
   */
  public static StopSource childOf(StopToken parent) {
    StopSource above = requireNonNull(parent, "parent").source;
    for (; ; ) {
      while (above.retired) {
        above = above.above();
      }
      if (above == NEVER) {
        return new StopSource();
      }
      StopSource child = new StopSource(above);
      if (above.adopt(requireNonNull(child.link))) {
        return child;
      }
      if (!above.retired) {
        child.stopped = true; // not shared with anybody yet
        return child;
      }
    }
  }

  /**
   * The token to hand out.
   *
   * @return the same token each time
   */
  public StopToken token() {
    return token;
  }

  /**
   * Requests the stop of this source and of all below it, and wakes those who wait for it.
   *
   * @return true for the call that did it, false if stop was requested before
   */
  public boolean stop() {
    List<Waker> wake = new ArrayList<>();
    Deque<StopSource> below = new ArrayDeque<>();
    if (!stopThis(wake, below)) {
      return false;
    }
    for (StopSource next = below.poll(); next != null; next = below.poll()) {
      next.stopThis(wake, below);
    }
    unlink();
    Wakers.wakeAll(wake);
    return true;
  }

  private synchronized boolean stopThis(List<Waker> wake, Deque<StopSource> below) {
    if (stopped) {
      return false;
    }
    stopped = true;
    wake.addAll(waiters.take());
    Link child = children;
    while (child != null) {
      Link following = child.next;
      child.previous = null; // else a child that lives on would keep the links of its siblings
      child.next = null;
      child.linked = false;
      StopSource source = child.get();
      if (source != null) {
        below.add(source);
      }
      child = following;
    }
    children = null;
    childCount = 0;
    return true;
  }

  /**
   * Whether stop was requested.
   *
   * @return true after {@link #stop}
   */
  public boolean isStopped() {
    StopSource source = this;
    while (!source.stopped) {
      if (!source.retired) {
        return false;
      }
      source = source.above();
    }
    return true;
  }

  /**
   * Takes this source off its parent, whose stop will not reach it any more, nor what hangs on it.
   * It can still be stopped itself. Closing twice, or a source without a parent, does nothing.
   */
  @Override
  public void close() {
    unlink();
  }

  // ------------------------------------------------------------------ the tree

  /**
   * Whoever it belonged to has ended: nobody will stop it any more. What hangs on it, or will be
   * hung on it, stays within the reach of its ancestors.
   */
  void retire() {
    if (parent == null) {
      return;
    }
    synchronized (this) {
      pruneChildren();
      waiters.prune();
      if (stopped || childCount > 0 || !waiters.isEmpty()) {
        return;
      }
      retired = true;
    }
    unlink();
  }

  /** Of a source that has one, as each retired one has. */
  private StopSource above() {
    return requireNonNull(parent);
  }

  /** Returns false if this source was stopped, or has retired. */
  private synchronized boolean adopt(Link child) {
    if (stopped || retired) {
      return false;
    }
    if (childCount >= pruneChildrenAt) {
      pruneChildren();
      pruneChildrenAt = Math.max(PRUNE_AT_LEAST, 2 * childCount);
    }
    child.next = children;
    if (children != null) {
      children.previous = child;
    }
    children = child;
    child.linked = true;
    childCount++;
    return true;
  }

  /** Drops those that are garbage. As in {@link Waiters} the threshold doubles with the living. */
  private void pruneChildren() {
    Link child = children;
    while (child != null) {
      Link following = child.next;
      if (child.get() == null) {
        remove(child);
      }
      child = following;
    }
  }

  private void unlink() {
    StopSource above = parent;
    Link mine = link;
    if (above != null && mine != null) {
      above.disown(mine);
    }
  }

  private synchronized void disown(Link child) {
    if (child.linked) {
      remove(child);
    }
  }

  private void remove(Link child) {
    Link before = child.previous;
    Link after = child.next;
    if (before == null) {
      children = after;
    } else {
      before.next = after;
    }
    if (after != null) {
      after.previous = before;
    }
    child.previous = null;
    child.next = null;
    child.linked = false;
    childCount--;
  }

  // ------------------------------------------------------------------ waiting

  /**
   * {@link StopToken#pollStopped}.
   *
   * @param relay who waits, if that is an operation, which {@link #forget forgets} it at its end;
   *     else the task waits
   */
  Poll<Complete> pollStopped(Context cx, @Nullable Relay relay) {
    if (isStopped()) {
      return Poll.ready();
    }
    Waker waker = cx.waker("stop request");
    Posting posting = Posting.of(cx);
    if (relay != null) {
      relay.to(waker);
    }
    StopSource source = this;
    while (source != NEVER) {
      synchronized (source) {
        if (source.stopped) {
          return Poll.ready();
        }
        if (!source.retired) {
          source.waiters.add(relay != null ? relay : waker, posting);
          break;
        }
      }
      source = source.above();
    }
    return Poll.pending();
  }

  /** The operation does not wait any more. */
  void forget(Relay relay) {
    StopSource source = this;
    for (; ; ) {
      synchronized (source) {
        if (source.waiters.remove(relay) || !source.retired) {
          return;
        }
      }
      source = source.above();
    }
  }

  // ------------------------------------------------------------------ for tests

  synchronized int childCount() {
    return childCount;
  }

  synchronized int waiterCount() {
    return waiters.size();
  }

  boolean hasSiblings() {
    return link != null && (link.previous != null || link.next != null);
  }

  @Override
  public String toString() {
    return isStopped() ? "StopSource[stopped]" : "StopSource[not stopped]";
  }
}
