package dev.reveille.benchmarks.hop;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.benchmarks.loop.Turnstile;

/**
 * Ours: tasks that wake themselves, in five classes, so that the call of the poll is as megamorphic
 * as in a program.
 */
final class HopTasks {
  private HopTasks() {}

  /** What they have in common. */
  abstract static class Hop extends Task {
    private final Turnstile turnstile;

    /** Of a task that is alone, the next kind; each kind has its turn. Else negative. */
    private final int next;

    long value;

    Hop(Turnstile turnstile, int next) {
      this.turnstile = turnstile;
      this.next = next;
    }

    final Poll<Complete> again(Context cx) {
      if (turnstile.pass()) {
        cx.waker("again").wake();
        return Poll.pending();
      }
      return afterTheLast(cx);
    }

    private Poll<Complete> afterTheLast(Context cx) {
      turnstile.awaitMore();
      if (next < 0) {
        cx.waker("again").wake();
        return Poll.pending();
      }
      cx.dispatcher().post(of(next, turnstile, /* alone= */ true));
      return Poll.ready();
    }
  }

  static Hop of(int kind, Turnstile turnstile, boolean alone) {
    int next = alone ? (kind + 1) % 5 : -1;
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
    protected Poll<Complete> doPoll(Context cx) {
      value = value + 1;
      return again(cx);
    }
  }

  private static final class Xor extends Hop {
    Xor(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value = value ^ 0x55;
      return again(cx);
    }
  }

  private static final class Shift extends Hop {
    Shift(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value = Long.rotateLeft(value, 7);
      return again(cx);
    }
  }

  private static final class Negate extends Hop {
    Negate(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value = -value;
      return again(cx);
    }
  }

  private static final class Multiply extends Hop {
    Multiply(Turnstile turnstile, int next) {
      super(turnstile, next);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value = value * 31;
      return again(cx);
    }
  }
}
