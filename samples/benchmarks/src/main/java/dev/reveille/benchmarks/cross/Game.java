package dev.reveille.benchmarks.cross;

import java.util.concurrent.locks.LockSupport;

/**
 * A ball that two loops throw to each other. Plain: who throws it publishes it with the wake.
 *
 * <p>Each throw is counted, and refused if the ball is on the other side.
 */
final class Game {
  private final Thread referee = Thread.currentThread();
  private long thrown;
  private long goal;
  private volatile boolean over;

  /** Whether the ball is on side 0 or on side 1. */
  boolean isAt(int side) {
    return (thrown & 1) == side;
  }

  /**
   * By the loop that has the ball, which then wakes the other one.
   *
   * @return false if that was the last throw of this round
   */
  boolean goesOn(int side) {
    if (!isAt(side)) {
      throw new IllegalStateException("side " + side + " was woken without the ball");
    }
    if (++thrown < goal) {
      return true;
    }
    over = true;
    LockSupport.unpark(referee);
    return false;
  }

  /**
   * By the referee, who then wakes side 0.
   *
   * @param throwsOfRound an even number, so that the ball comes back
   */
  void begin(int throwsOfRound) {
    goal = thrown + throwsOfRound;
    over = false;
  }

  void awaitEnd() {
    while (!over) {
      LockSupport.park(this);
    }
    if (thrown != goal) {
      throw new IllegalStateException(thrown + " throws of " + goal);
    }
  }
}
