package dev.reveille.benchmarks.timer;

import io.netty.util.Timeout;
import io.netty.util.TimerTask;
import io.vertx.core.Handler;

/**
 * A callback with a deadline, in five classes that differ in what they compute; a runnable, and
 * what the peers ask for instead.
 */
abstract class Expiry implements Runnable, TimerTask, Handler<Long> {
  private final Expiries all;
  final int index;

  /** On {@code System.nanoTime}. */
  long deadline;

  long value;

  private Expiry(Expiries all, int index) {
    this.all = all;
    this.index = index;
  }

  static Expiry of(Expiries all, int index) {
    return switch (index % 5) {
      case 0 -> new Add(all, index);
      case 1 -> new Xor(all, index);
      case 2 -> new Shift(all, index);
      case 3 -> new Negate(all, index);
      default -> new Multiply(all, index);
    };
  }

  /** For those who want to be told how long from now. */
  final long delay() {
    return Math.max(0, deadline - System.nanoTime());
  }

  @Override
  public final void run(Timeout timeout) {
    run();
  }

  @Override
  public final void handle(Long id) {
    run();
  }

  final void fired() {
    all.fired(this);
  }

  private static final class Add extends Expiry {
    Add(Expiries all, int index) {
      super(all, index);
    }

    @Override
    public void run() {
      value += 1;
      fired();
    }
  }

  private static final class Xor extends Expiry {
    Xor(Expiries all, int index) {
      super(all, index);
    }

    @Override
    public void run() {
      value ^= 0x55;
      fired();
    }
  }

  private static final class Shift extends Expiry {
    Shift(Expiries all, int index) {
      super(all, index);
    }

    @Override
    public void run() {
      value = Long.rotateLeft(value, 7);
      fired();
    }
  }

  private static final class Negate extends Expiry {
    Negate(Expiries all, int index) {
      super(all, index);
    }

    @Override
    public void run() {
      value = -value;
      fired();
    }
  }

  private static final class Multiply extends Expiry {
    Multiply(Expiries all, int index) {
      super(all, index);
    }

    @Override
    public void run() {
      value *= 31;
      fired();
    }
  }
}
