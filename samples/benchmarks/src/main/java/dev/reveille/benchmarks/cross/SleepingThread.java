package dev.reveille.benchmarks.cross;

import dev.reveille.benchmarks.loop.VirtualThreads;
import java.util.concurrent.locks.LockSupport;

/** A virtual thread that a foreign thread wakes. */
final class SleepingThread implements Sleeper, Runnable {
  private final Sender sender;
  private final int index;
  private final Thread thread;

  /** Volatile: a park may return without it. */
  private volatile boolean woken;

  private long value;

  SleepingThread(Sender sender, int index) {
    this.sender = sender;
    this.index = index;
    this.thread = VirtualThreads.start(this); // last of all
  }

  @Override
  public void wake() {
    woken = true;
    LockSupport.unpark(thread);
  }

  @Override
  public void run() {
    for (; ; ) {
      value = compute();
      sender.ran(index);
      while (!woken) {
        LockSupport.park(this);
      }
      woken = false;
    }
  }

  private long compute() {
    return switch (index % 5) {
      case 0 -> value + 1;
      case 1 -> value ^ 0x55;
      case 2 -> Long.rotateLeft(value, 7);
      case 3 -> -value;
      default -> value * 31;
    };
  }
}
