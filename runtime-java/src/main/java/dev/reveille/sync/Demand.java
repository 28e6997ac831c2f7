package dev.reveille.sync;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Waker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber of a {@link StreamPublisher} says, from any thread, to the {@link
 * SubscriptionTask} that serves it.
 *
 * <p>One word, {@link #requested}, carries all of it: how many more it wants (zero or more, {@link
 * #UNBOUNDED} meaning without bound), or one of two ends, {@link #CANCELLED} and {@link #ILLEGAL},
 * which nothing changes any more. The loop takes the whole number out at once and serves that
 * before it takes more; so an element costs one volatile read, to notice an end, and no RMW.
 *
 * <p>No wake is lost: the loop sets {@link #waiter} and then looks at {@code requested} once more;
 * the subscriber changes {@code requested} and then takes the waiter. All four accesses are
 * volatile, so at least one of the two sees what the other wrote.
 *
 * <p>A request from within {@code onNext} does not recurse (rule 3.3): it changes a number, which
 * the loop reads after the signal.
 */
final class Demand implements Flow.Subscription {
  static final long UNBOUNDED = Long.MAX_VALUE;
  private static final long CANCELLED = -1;
  private static final long ILLEGAL = -2;

  private static final VarHandle REQUESTED =
      fieldVarHandle(
          MethodHandles.lookup(), "requested", VarHandle.class, Demand.class, long.class);
  private static final VarHandle WAITER =
      fieldVarHandle(MethodHandles.lookup(), "waiter", VarHandle.class, Demand.class, Waker.class);

  /** Changed by CAS (volatile) on both sides; the loop's volatile reads pair with the CAS. */
  private volatile long requested;

  /** Set by the loop (volatile) before it sleeps; taken by getAndSet (volatile) by any thread. */
  private volatile @Nullable Waker waiter;

  // ------------------------------------------------------------------ the subscriber, any thread

  @Override
  public void request(long n) {
    for (long before = requested; before >= 0; before = requested) {
      long after = n <= 0 ? ILLEGAL : before + n < 0 ? UNBOUNDED : before + n;
      if (REQUESTED.compareAndSet(this, before, after)) {
        wakeWaiter();
        return;
      }
    }
  }

  @Override
  public void cancel() {
    for (long before = requested; before >= 0; before = requested) {
      if (REQUESTED.compareAndSet(this, before, CANCELLED)) {
        wakeWaiter();
        return;
      }
    }
  }

  private void wakeWaiter() {
    Waker w = (Waker) WAITER.getAndSet(this, null);
    if (w != null) {
      w.wake();
    }
  }

  // ------------------------------------------------------------------ the task, on the loop

  /** Whether it was cancelled, or asked for a number that is none. */
  boolean isOver() {
    return requested < 0;
  }

  boolean isCancelled() {
    return requested == CANCELLED;
  }

  /** Takes out what was requested: zero if that is nothing, or if it is over. */
  long take() {
    for (long before = requested; before > 0; before = requested) {
      if (REQUESTED.compareAndSet(this, before, 0)) {
        return before;
      }
    }
    return 0;
  }

  /** Returns false if there is news, which the caller has to look at instead of sleeping. */
  boolean await(Waker waker) {
    waiter = waker;
    return requested == 0;
  }

  /** For a task that waits for its stream while there is demand: only the end is news. */
  boolean awaitEnd(Waker waker) {
    waiter = waker;
    return requested >= 0;
  }

  /** The task runs: it looks by itself, and needs no wake. */
  void running() {
    if (waiter != null) {
      waiter = null;
    }
  }
}
