package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/**
 * One end of something shared, at which one waits for a state: a value is there, the other side has
 * left. Nothing is handed to a waiter here; it is woken, and takes what it finds. So one that gives
 * up has nothing to pass on.
 *
 * <p>There are three ways to wait, which may be used side by side since each has a waiter of its
 * own: the re-callable {@link #poll}, whose waiter is part of the end; one-shot {@linkplain
 * #operation operations}; and threads. All three go by {@link #isReady} and {@link #take}.
 *
 * @param <T> what is taken
 * @param <E> what taking may throw
 */
abstract class Endpoint<T extends @Nullable Object, E extends Exception> {
  /** A waiter of an end. Links and {@code queued} are guarded by the lock. */
  private static final class Node extends Waiter {
    final Endpoint<?, ?> end;

    Node(Endpoint<?, ?> end) {
      this.end = end;
    }
  }

  /** The lock of the shared thing, which guards everything. */
  private final Object lock;

  /** Where waiters of this end stand; other ends may stand there as well. */
  private final WaiterQueue waiters;

  private final String why;
  private final Node own = new Node(this);

  /** How many of the waiters belong to this end, so that a close need not look for none. */
  private int queued;

  Endpoint(Object lock, WaiterQueue waiters, String why) {
    this.lock = lock;
    this.waiters = waiters;
    this.why = why;
  }

  /**
   * Under the lock: whether there is something to {@link #take}, be it the end, or something that
   * is thrown once. Throws what is thrown each time: a failure, a misuse.
   */
  abstract boolean isReady() throws E;

  /** Under the lock, when ready. */
  abstract T take() throws E;

  /** Under the lock, after a take: who at other ends is to be woken for it. */
  @Nullable Waker taken() {
    return null;
  }

  // ------------------------------------------------------------------ waiting

  final Poll<T> poll(Context cx) throws E {
    return poll(cx, own);
  }

  private Poll<T> poll(Context cx, Node node) throws E {
    for (; ; ) {
      Waker evicted = null;
      boolean ready;
      synchronized (lock) {
        ready = isReady();
        if (!ready) {
          evicted = node.takePlace(cx, why);
          enqueue(node);
        }
      }
      if (!ready) {
        if (evicted != null) {
          evicted.wake();
        }
        return Poll.pending();
      }
      if (!cx.tryProceed()) { // outside the lock, since it may wake; nothing was taken yet
        return Poll.pending();
      }
      Waker wake = null;
      Poll<T> poll = null;
      synchronized (lock) {
        if (isReady()) { // else somebody else was faster
          poll = Poll.ready(take());
          wake = taken();
        }
      }
      if (wake != null) {
        wake.wake();
      }
      if (poll != null) {
        return poll;
      }
    }
  }

  /** Returns null if it is not ready, or at the end. */
  final @Nullable T tryTake() throws E {
    T taken;
    Waker wake;
    synchronized (lock) {
      if (!isReady()) {
        return null;
      }
      taken = take();
      wake = taken();
    }
    if (wake != null) {
      wake.wake();
    }
    return taken;
  }

  final Pollable<T> operation(String name) {
    return new EndOperation<>(name, this);
  }

  /** Returns null if the time ran out: then nothing was taken; or at the end. */
  final @Nullable T blocking(long nanos) throws InterruptedException, E {
    Blocked<T, E> blocked = new Blocked<>(this);
    try {
      Parking.await(this, nanos, blocked);
      return blocked.taken;
    } finally {
      stopWaiting(blocked.node);
    }
  }

  private void stopWaiting(Node node) {
    synchronized (lock) {
      if (waiters.remove(node)) {
        queued--;
      }
      node.leave();
    }
  }

  private void enqueue(Node node) {
    if (!node.isQueued()) {
      waiters.addLast(node);
      queued++;
    }
  }

  // ------------------------------------------------------------------ waking, under the lock

  /** All who wait, of whatever end. */
  static @Nullable Waker wakeAll(WaiterQueue waiters, @Nullable Waker wake) {
    for (Node n = (Node) waiters.pollFirst(); n != null; n = (Node) waiters.pollFirst()) {
      n.end.queued--;
      wake = WakeAll.add(wake, n.leave());
    }
    return wake;
  }

  /** Those who wait at this end, which is being closed. */
  final @Nullable Waker wakeOwn() {
    Waker wake = null;
    Waiter waiter = waiters.first();
    while (queued > 0 && waiter != null) {
      Waiter next = waiter.next;
      if (((Node) waiter).end == this) {
        waiters.remove(waiter);
        queued--;
        wake = WakeAll.add(wake, ((Node) waiter).leave());
      }
      waiter = next;
    }
    return wake;
  }

  private static final class EndOperation<T extends @Nullable Object, E extends Exception>
      extends Operation<T> {
    private final Endpoint<T, E> end;
    private final Node node;

    EndOperation(String name, Endpoint<T, E> end) {
      super(name);
      this.end = end;
      this.node = new Node(end);
    }

    @Override
    protected Poll<T> doPoll(Context cx) throws Exception {
      return end.poll(cx, node);
    }

    @Override
    protected void doCancel() {
      end.stopWaiting(node);
    }
  }

  /** A thread that waits. */
  private static final class Blocked<T extends @Nullable Object, E extends Exception>
      implements Parking.Attempt<E> {
    private final Endpoint<T, E> end;
    final Node node;
    @Nullable T taken;

    Blocked(Endpoint<T, E> end) {
      this.end = end;
      this.node = new Node(end);
    }

    @Override
    public boolean succeeds(Waker thread) throws E {
      Waker wake;
      synchronized (end.lock) {
        if (!end.isReady()) {
          node.waitAs(thread);
          end.enqueue(node);
          return false;
        }
        taken = end.take();
        wake = end.taken();
      }
      if (wake != null) {
        wake.wake();
      }
      return true;
    }
  }
}
