package dev.reveille.benchmarks.hop;

import dev.reveille.benchmarks.loop.LoopRunnable;
import dev.reveille.benchmarks.loop.Turnstile;
import java.util.concurrent.Executor;

/** A runnable that submits itself, in five classes. */
public abstract class HopRunnable extends LoopRunnable {
  private final Executor executor;
  private final Turnstile turnstile;

  /** Of a runnable that is alone, the next kind; each kind has its turn. Else negative. */
  private final int next;

  long value;

  HopRunnable(Executor executor, Turnstile turnstile, int next) {
    this.executor = executor;
    this.turnstile = turnstile;
    this.next = next;
  }

  final void again() {
    if (turnstile.pass()) {
      executor.execute(this);
    } else if (turnstile.awaitMore()) {
      executor.execute(next < 0 ? this : of(next, executor, turnstile, /* alone= */ true));
    }
  }

  /** One of the kinds. */
  public static HopRunnable of(int kind, Executor executor, Turnstile turnstile, boolean alone) {
    int next = alone ? (kind + 1) % 5 : -1;
    return switch (kind % 5) {
      case 0 -> new Add(executor, turnstile, next);
      case 1 -> new Xor(executor, turnstile, next);
      case 2 -> new Shift(executor, turnstile, next);
      case 3 -> new Negate(executor, turnstile, next);
      default -> new Multiply(executor, turnstile, next);
    };
  }

  private static final class Add extends HopRunnable {
    Add(Executor executor, Turnstile turnstile, int next) {
      super(executor, turnstile, next);
    }

    @Override
    public void run() {
      value = value + 1;
      again();
    }
  }

  private static final class Xor extends HopRunnable {
    Xor(Executor executor, Turnstile turnstile, int next) {
      super(executor, turnstile, next);
    }

    @Override
    public void run() {
      value = value ^ 0x55;
      again();
    }
  }

  private static final class Shift extends HopRunnable {
    Shift(Executor executor, Turnstile turnstile, int next) {
      super(executor, turnstile, next);
    }

    @Override
    public void run() {
      value = Long.rotateLeft(value, 7);
      again();
    }
  }

  private static final class Negate extends HopRunnable {
    Negate(Executor executor, Turnstile turnstile, int next) {
      super(executor, turnstile, next);
    }

    @Override
    public void run() {
      value = -value;
      again();
    }
  }

  private static final class Multiply extends HopRunnable {
    Multiply(Executor executor, Turnstile turnstile, int next) {
      super(executor, turnstile, next);
    }

    @Override
    public void run() {
      value = value * 31;
      again();
    }
  }
}
