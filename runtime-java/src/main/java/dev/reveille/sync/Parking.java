package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Nanos;
import dev.reveille.Waker;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * What a thread does in {@code blocking…}: try, leave its waker, park, and try again. It cleans
 * nothing up: the caller, who knows what was waited for, leaves the queue in its {@code finally}
 * and so passes on what came too late.
 */
final class Parking {
  /** No time-out: not that one would live to see it. */
  static final long FOREVER = Nanos.NEVER;

  /** One look at what is waited for. */
  @FunctionalInterface
  interface Attempt<E extends Exception> {
    /** Returns whether it is there; if not, it has left the waker with the source. */
    boolean succeeds(Waker thread) throws E;
  }

  private Parking() {}

  /** Too long means for ever; less than nothing means not at all. */
  static long nanos(Duration timeout) {
    return Math.max(0, Nanos.of(requireNonNull(timeout, "timeout")));
  }

  /**
   * Returns false if the time ran out. The system's clock: a thread has no other.
   *
   * @throws InterruptedException if the thread was interrupted, also before the call
   */
  static <E extends Exception> boolean await(Object blocker, long nanos, Attempt<E> attempt)
      throws InterruptedException, E {
    ThreadWaker thread = new ThreadWaker();
    long start = nanos == FOREVER ? 0 : System.nanoTime();
    for (; ; ) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while waiting for " + blocker);
      }
      if (attempt.succeeds(thread)) {
        return true;
      }
      if (nanos == FOREVER) {
        LockSupport.park(blocker);
        continue;
      }
      long left = nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      LockSupport.parkNanos(blocker, left);
    }
  }
}
