package dev.reveille.benchmarks.cross;

import dev.reveille.benchmarks.loop.LoopRunnable;
import java.util.concurrent.Executor;

/**
 * A callback that a foreign thread posts, in five classes that differ in what they compute, so that
 * the loop's call is as megamorphic as in a program.
 */
abstract class SleepingCallback extends LoopRunnable implements Sleeper {
  private final Executor loop;
  private final Sender sender;
  private final int index;
  long value;

  private SleepingCallback(Executor loop, Sender sender, int index) {
    this.loop = loop;
    this.sender = sender;
    this.index = index;
  }

  static SleepingCallback of(Executor loop, Sender sender, int index) {
    return switch (index % 5) {
      case 0 -> new Add(loop, sender, index);
      case 1 -> new Xor(loop, sender, index);
      case 2 -> new Shift(loop, sender, index);
      case 3 -> new Negate(loop, sender, index);
      default -> new Multiply(loop, sender, index);
    };
  }

  @Override
  public final void wake() {
    loop.execute(this);
  }

  final void ran() {
    sender.ran(index);
  }

  private static final class Add extends SleepingCallback {
    Add(Executor loop, Sender sender, int index) {
      super(loop, sender, index);
    }

    @Override
    public void run() {
      value += 1;
      ran();
    }
  }

  private static final class Xor extends SleepingCallback {
    Xor(Executor loop, Sender sender, int index) {
      super(loop, sender, index);
    }

    @Override
    public void run() {
      value ^= 0x55;
      ran();
    }
  }

  private static final class Shift extends SleepingCallback {
    Shift(Executor loop, Sender sender, int index) {
      super(loop, sender, index);
    }

    @Override
    public void run() {
      value = Long.rotateLeft(value, 7);
      ran();
    }
  }

  private static final class Negate extends SleepingCallback {
    Negate(Executor loop, Sender sender, int index) {
      super(loop, sender, index);
    }

    @Override
    public void run() {
      value = -value;
      ran();
    }
  }

  private static final class Multiply extends SleepingCallback {
    Multiply(Executor loop, Sender sender, int index) {
      super(loop, sender, index);
    }

    @Override
    public void run() {
      value *= 31;
      ran();
    }
  }
}
