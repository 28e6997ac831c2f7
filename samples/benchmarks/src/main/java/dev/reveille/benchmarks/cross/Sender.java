package dev.reveille.benchmarks.cross;

import java.util.concurrent.locks.LockSupport;

/**
 * A foreign thread that wakes its sleepers in rounds: all of them, one after the other, and again
 * when all have run. Between the rounds it is parked, so that it costs nothing while it waits.
 *
 * <p>The loop counts who runs, and whether they run in the order in which they were woken.
 */
final class Sender {
  private final Sleeper[] sleepers;

  /** Read by the loop after a wake, which publishes it. */
  private Thread thread = Thread.currentThread();

  /** On the loop only, as the next one. */
  private int ran;

  private long outOfOrder;

  /** Written by the loop when the last one of a round has run, volatile; publishes the others. */
  private volatile long rounds;

  private long roundsAwaited;

  Sender(int size) {
    sleepers = new Sleeper[size];
  }

  int size() {
    return sleepers.length;
  }

  void add(int index, Sleeper sleeper) {
    sleepers[index] = sleeper;
  }

  /** On the loop, once for each wake: first of all in it, last of all for who then waits anew. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void ran(int index) {
    if (index != ran) {
      outOfOrder++;
    }
    if (++ran == sleepers.length) {
      ran = 0;
      rounds++;
      LockSupport.unpark(thread);
    }
  }

  /** For sleepers whose first run is their own. */
  void awaitStart() {
    awaitRound();
    if (outOfOrder != 0) {
      throw new IllegalStateException("the loop is no FIFO from the very beginning");
    }
  }

  void send(int times) {
    thread = Thread.currentThread();
    for (int i = 0; i < times; i++) {
      for (Sleeper sleeper : sleepers) {
        sleeper.wake();
      }
      awaitRound();
    }
  }

  private void awaitRound() {
    roundsAwaited++;
    while (rounds < roundsAwaited) {
      LockSupport.park(this);
    }
  }

  /**
   * When all is quiet: fails if anything ran that was not woken, or not in its turn.
   *
   * @param fifo whether the loop promises an order
   */
  void check(boolean fifo) {
    if (rounds != roundsAwaited || ran != 0) {
      throw new IllegalStateException(
          rounds + " rounds and " + ran + " have run; " + roundsAwaited + " rounds were woken");
    }
    if (fifo && outOfOrder != 0) {
      throw new IllegalStateException(outOfOrder + " ran out of order");
    }
  }
}
