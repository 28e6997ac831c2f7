package dev.reveille.samples.resp.demo;

import java.util.BitSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** What producer and consumers of a queue agree on: each element goes over once. Thread-safe. */
final class Handover {
  /** How far the producer may be ahead, so that the server's list stays short. */
  private static final int AHEAD = 500;

  private final Semaphore room = new Semaphore(AHEAD);
  private final BitSet received = new BitSet();
  private int produced;

  /** Waits until there is room for another element, and gives it its number; -1 if in vain. */
  int nextNumber(long millis) throws InterruptedException {
    if (!room.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
      return -1;
    }
    synchronized (received) {
      return produced++;
    }
  }

  /** Tells whether it is the first time that the element was received. */
  boolean receive(int number) {
    room.release();
    synchronized (received) {
      boolean first = !received.get(number);
      received.set(number);
      return first;
    }
  }

  int missing() {
    synchronized (received) {
      return produced - received.cardinality();
    }
  }
}
