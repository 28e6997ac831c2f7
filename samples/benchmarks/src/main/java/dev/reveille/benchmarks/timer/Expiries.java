package dev.reveille.benchmarks.timer;

import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/**
 * A number of callbacks that are due at random moments of a second. Counts them, asks the clock how
 * late a sixteenth of them is, and looks after their order.
 */
final class Expiries {
  private static final long SECOND = 1_000_000_000L;
  private static final int SAMPLED = 15;

  private final Expiry[] all;
  private final long[] delays;

  /** On the loop, as all that counts. */
  private int fired;

  private long last;
  private int lastIndex;
  private long outOfOrder;
  private long early;
  private long lateSum;
  private long lateCount;

  private CountDownLatch over = new CountDownLatch(1);

  /**
   * Makes them.
   *
   * @param count how many
   * @param leadNanos before the first one is due: the time to arm them
   */
  Expiries(int count, long leadNanos) {
    SplittableRandom random = new SplittableRandom(42);
    all = new Expiry[count];
    delays = new long[count];
    for (int i = 0; i < count; i++) {
      all[i] = Expiry.of(this, i);
      delays[i] = leadNanos + random.nextLong(SECOND);
    }
  }

  /** Sets their deadlines, from now on. */
  void begin() {
    long now = System.nanoTime();
    for (int i = 0; i < all.length; i++) {
      all[i].deadline = now + delays[i];
    }
    fired = 0;
    last = now;
    lastIndex = 0;
    over = new CountDownLatch(1);
  }

  int count() {
    return all.length;
  }

  Expiry get(int index) {
    return all[index];
  }

  /** On the loop. */
  void fired(Expiry expiry) {
    long deadline = expiry.deadline;
    if (deadline < last || (deadline == last && expiry.index < lastIndex)) {
      outOfOrder++;
    }
    last = deadline;
    lastIndex = expiry.index;
    if ((expiry.index & SAMPLED) == 0) {
      long late = System.nanoTime() - deadline;
      lateSum += late;
      lateCount++;
      if (late < 0) {
        early++;
      }
    }
    if (++fired == all.length) {
      over.countDown();
    }
  }

  /** Any thread. */
  boolean isOver() {
    return over.getCount() == 0;
  }

  /** Not on the loop. */
  void awaitAll() throws InterruptedException {
    over.await();
  }

  /** Mean, of all that were looked at, in nanoseconds. */
  double meanLateness() {
    return (double) lateSum / Math.max(1, lateCount);
  }

  /**
   * Fails if not all came, once each, not before their time, and in their order.
   *
   * @param exactOrder whether the competitor was told the deadlines as they are
   */
  void check(boolean exactOrder) {
    if (fired != all.length || early != 0) {
      throw new IllegalStateException(
          fired + " of " + all.length + " came; of a sixteenth of them " + early + " too early");
    }
    if (exactOrder && outOfOrder != 0) {
      throw new IllegalStateException(outOfOrder + " came out of order");
    }
  }
}
