package dev.reveille.benchmarks.timer;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * The floor, by hand. What is armed and taken back: a wheel of one level with ticks of a
 * millisecond and a list a slot, which nobody ever turns. What fires: the deadlines are sorted once
 * when all of them are known, and waited for one after the other.
 */
final class FloorTimers implements Timers {
  private static final int SLOTS = 1 << 11;
  private static final int TICK_BITS = 20;

  private static final class Node {
    Node before = this;
    Node after = this;
  }

  private final Node[] heads = new Node[SLOTS];
  private final Node moved = new Node();
  private long armed;

  FloorTimers() {
    for (int i = 0; i < SLOTS; i++) {
      heads[i] = new Node();
    }
  }

  @Override
  public void use(Runnable work) {
    work.run();
  }

  @Override
  public void arm(long delayNanos) {
    link(new Node(), delayNanos);
    armed++;
  }

  @Override
  public void armAndCancel(long delayNanos) {
    Node node = new Node();
    link(node, delayNanos);
    unlink(node);
  }

  @Override
  public void rearm(long delayNanos) {
    unlink(moved);
    link(moved, delayNanos);
  }

  private void link(Node node, long deadline) {
    Node head = heads[(int) (deadline >>> TICK_BITS) & (SLOTS - 1)];
    node.before = head.before;
    node.after = head;
    head.before.after = node;
    head.before = node;
  }

  private static void unlink(Node node) {
    node.before.after = node.after;
    node.after.before = node.before;
    node.before = node;
    node.after = node;
  }

  @Override
  public long armed() {
    return armed;
  }

  @Override
  public void fire(Expiries expiries) {
    int count = expiries.count();
    long origin = System.nanoTime();
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(count);
    long[] order = new long[count];
    for (int i = 0; i < count; i++) {
      order[i] = (expiries.get(i).deadline - origin) << bits | i;
    }
    Arrays.sort(order);
    long now = System.nanoTime();
    for (long next : order) {
      long deadline = origin + (next >> bits);
      while (now < deadline) {
        now = System.nanoTime();
        if (now < deadline) {
          LockSupport.parkNanos(deadline - now);
          now = System.nanoTime();
        }
      }
      expiries.get((int) next & ((1 << bits) - 1)).run();
    }
  }

  @Override
  public void close() {
    // It has no thread.
  }
}
