package dev.reveille.benchmarks.memory;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts who has gone to sleep, and who woke, which nobody should while the heap is measured. */
final class Sleepers {
  private final AtomicInteger sleeping = new AtomicInteger();
  private final AtomicInteger woken = new AtomicInteger();

  void sleeps() {
    sleeping.incrementAndGet();
  }

  void woke() {
    woken.incrementAndGet();
  }

  /** Any thread. */
  void await(int count) throws InterruptedException {
    while (sleeping.get() < count) {
      Thread.sleep(10);
    }
    check(count);
  }

  void check(int count) {
    if (sleeping.get() != count || woken.get() != 0) {
      throw new IllegalStateException(
          sleeping + " sleep and " + woken + " woke; " + count + " should sleep");
    }
  }
}
