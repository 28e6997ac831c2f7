package dev.reveille.benchmarks.hop;

import dev.reveille.benchmarks.loop.Turnstile;
import dev.reveille.benchmarks.loop.VirtualThreads;

/** Virtual threads that yield, with five classes of code in them. */
final class VirtualHops {
  private VirtualHops() {}

  static void start(int kind, Turnstile turnstile, boolean alone) {
    VirtualThreads.start(of(kind, turnstile, alone ? (kind + 1) % 5 : -1));
  }

  /** What they have in common. */
  abstract static class Hop implements Runnable {
    private final Turnstile turnstile;

    /** As that of the tasks. */
    private final int next;

    long value;

    Hop(Turnstile turnstile, int next) {
      this.turnstile = turnstile;
      this.next = next;
    }

    @SuppressWarnings("ThreadPriorityCheck") // the scheduler of virtual threads obeys
    final boolean again() {
      if (!turnstile.pass()) {
        if (!turnstile.awaitMore()) {
          return false;
        }
        if (next >= 0) {
          start(next, turnstile, /* alone= */ true);
          return false;
        }
      }
      Thread.yield();
      return true;
    }
  }

  private static Hop of(int kind, Turnstile turnstile, int next) {
    return switch (kind % 5) {
      case 0 -> new Add(turnstile, next);
      case 1 -> new Xor(turnstile, next);
      case 2 -> new Shift(turnstile, next);
      case 3 -> new Negate(turnstile, next);
      default -> new Multiply(turnstile, next);
    };
  }

  private static final class Add extends Hop {
    Add(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    public void run() {
      do {
        value = value + 1;
      } while (again());
    }
  }

  private static final class Xor extends Hop {
    Xor(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    public void run() {
      do {
        value = value ^ 0x55;
      } while (again());
    }
  }

  private static final class Shift extends Hop {
    Shift(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    public void run() {
      do {
        value = Long.rotateLeft(value, 7);
      } while (again());
    }
  }

  private static final class Negate extends Hop {
    Negate(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    public void run() {
      do {
        value = -value;
      } while (again());
    }
  }

  private static final class Multiply extends Hop {
    Multiply(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    public void run() {
      do {
        value = value * 31;
      } while (again());
    }
  }
}
