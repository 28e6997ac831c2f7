package dev.reveille.benchmarks.hop;

/**
 * The floor: a ring of tasks, which put themselves at its end. No thread-safety, no waiting, no
 * failure, no end.
 */
public final class HopRing {
  private final Hop[] ring;
  private int head;
  private int tail;
  private long left;
  private boolean more;

  /** With so many tasks in it. */
  public HopRing(int tasks) {
    int capacity = Math.max(2, Integer.highestOneBit(tasks) << 1);
    ring = new Hop[capacity];
    for (int i = 0; i < tasks; i++) {
      append(of(i, /* alone= */ tasks == 1));
    }
  }

  /** Makes so many hops. */
  public void run(long steps) {
    left = steps;
    more = true;
    while (more) {
      Hop hop = ring[head++ & (ring.length - 1)];
      hop.run(this);
    }
  }

  private void append(Hop hop) {
    ring[tail++ & (ring.length - 1)] = hop;
  }

  /** In five classes. */
  abstract static class Hop {
    /** As that of the tasks. */
    private final int next;

    long value;

    Hop(int next) {
      this.next = next;
    }

    abstract void run(HopRing loop);

    final void again(HopRing loop) {
      if (--loop.left > 0) {
        loop.append(this);
      } else {
        loop.more = false;
        loop.append(next < 0 ? this : of(next, /* alone= */ true));
      }
    }
  }

  private static Hop of(int kind, boolean alone) {
    int next = alone ? (kind + 1) % 5 : -1;
    return switch (kind % 5) {
      case 0 -> new Add(next);
      case 1 -> new Xor(next);
      case 2 -> new Shift(next);
      case 3 -> new Negate(next);
      default -> new Multiply(next);
    };
  }

  private static final class Add extends Hop {
    Add(int next) {
      super(next);
    }

    @Override
    void run(HopRing loop) {
      value = value + 1;
      again(loop);
    }
  }

  private static final class Xor extends Hop {
    Xor(int next) {
      super(next);
    }

    @Override
    void run(HopRing loop) {
      value = value ^ 0x55;
      again(loop);
    }
  }

  private static final class Shift extends Hop {
    Shift(int next) {
      super(next);
    }

    @Override
    void run(HopRing loop) {
      value = Long.rotateLeft(value, 7);
      again(loop);
    }
  }

  private static final class Negate extends Hop {
    Negate(int next) {
      super(next);
    }

    @Override
    void run(HopRing loop) {
      value = -value;
      again(loop);
    }
  }

  private static final class Multiply extends Hop {
    Multiply(int next) {
      super(next);
    }

    @Override
    void run(HopRing loop) {
      value = value * 31;
      again(loop);
    }
  }
}
