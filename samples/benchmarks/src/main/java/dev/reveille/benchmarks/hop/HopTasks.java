package dev.reveille.benchmarks.hop;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;

/**
 * Tasks that wake themselves a number of times, in five classes that differ in what they compute,
 * so that the call of the poll is as megamorphic as in a program.
 */
final class HopTasks {
  private HopTasks() {}

  /** Hops left, and a place for the result of the work. */
  abstract static class Hop extends Task {
    long left;
    long value;

    Hop(long hops) {
      left = hops;
    }

    @Override
    protected final Poll<Complete> doPoll(Context cx) {
      value = step(value);
      if (--left <= 0) {
        return Poll.ready();
      }
      cx.waker("again").wake();
      return Poll.pending();
    }

    abstract long step(long v);
  }

  static Hop of(int kind, long hops) {
    return switch (kind % 5) {
      case 0 -> new Add(hops);
      case 1 -> new Xor(hops);
      case 2 -> new Shift(hops);
      case 3 -> new Negate(hops);
      default -> new Multiply(hops);
    };
  }

  private static final class Add extends Hop {
    Add(long hops) {
      super(hops);
    }

    @Override
    long step(long v) {
      return v + 1;
    }
  }

  private static final class Xor extends Hop {
    Xor(long hops) {
      super(hops);
    }

    @Override
    long step(long v) {
      return v ^ 0x55;
    }
  }

  private static final class Shift extends Hop {
    Shift(long hops) {
      super(hops);
    }

    @Override
    long step(long v) {
      return Long.rotateLeft(v, 7);
    }
  }

  private static final class Negate extends Hop {
    Negate(long hops) {
      super(hops);
    }

    @Override
    long step(long v) {
      return -v;
    }
  }

  private static final class Multiply extends Hop {
    Multiply(long hops) {
      super(hops);
    }

    @Override
    long step(long v) {
      return v * 31;
    }
  }
}
