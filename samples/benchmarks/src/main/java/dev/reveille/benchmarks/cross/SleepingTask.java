package dev.reveille.benchmarks.cross;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.Waker;

/** Our task that a foreign thread wakes, in the five classes of {@link SleepingCallback}. */
abstract class SleepingTask extends Task implements Sleeper {
  private final Sender sender;
  private final int index;

  /** Written in the first poll, which is over before the sender begins. */
  private Waker waker = Waker.none();

  long value;

  private SleepingTask(Sender sender, int index) {
    this.sender = sender;
    this.index = index;
  }

  static SleepingTask of(Sender sender, int index) {
    return switch (index % 5) {
      case 0 -> new Add(sender, index);
      case 1 -> new Xor(sender, index);
      case 2 -> new Shift(sender, index);
      case 3 -> new Negate(sender, index);
      default -> new Multiply(sender, index);
    };
  }

  @Override
  public final void wake() {
    waker.wake();
  }

  final Poll<Complete> again(Context cx) {
    waker = cx.waker("a foreign thread");
    sender.ran(index);
    return Poll.pending();
  }

  private static final class Add extends SleepingTask {
    Add(Sender sender, int index) {
      super(sender, index);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value += 1;
      return again(cx);
    }
  }

  private static final class Xor extends SleepingTask {
    Xor(Sender sender, int index) {
      super(sender, index);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value ^= 0x55;
      return again(cx);
    }
  }

  private static final class Shift extends SleepingTask {
    Shift(Sender sender, int index) {
      super(sender, index);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value = Long.rotateLeft(value, 7);
      return again(cx);
    }
  }

  private static final class Negate extends SleepingTask {
    Negate(Sender sender, int index) {
      super(sender, index);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value = -value;
      return again(cx);
    }
  }

  private static final class Multiply extends SleepingTask {
    Multiply(Sender sender, int index) {
      super(sender, index);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      value *= 31;
      return again(cx);
    }
  }
}
