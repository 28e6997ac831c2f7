package dev.reveille.benchmarks.chain;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/** Ours: ten steps, one after the other, as a user would write them. In five classes. */
abstract class TenSteps implements Pollable<Item>, Answer {
  static final int STEPS = 10;

  private final Later later;
  private int key;
  private int steps;
  private @Nullable Item answer;

  /** Null until the question is asked. */
  private @Nullable Waker asker;

  TenSteps(Later later, int key) {
    this.later = later;
    this.key = key;
  }

  static TenSteps of(int kind, Later later, int key) {
    return switch (kind % 5) {
      case 0 -> new Add(later, key);
      case 1 -> new Xor(later, key);
      case 2 -> new Shift(later, key);
      case 3 -> new Negate(later, key);
      default -> new Multiply(later, key);
    };
  }

  /** What this class asks next. */
  abstract int next(Item item);

  @Override
  public void answered(Item item) {
    answer = item;
    Waker waiting = asker;
    if (waiting != null) {
      waiting.wake();
    }
  }

  final Poll<Item> go(Context cx) {
    if (steps == 0) {
      steps = 1;
      later.ask(key, this);
    }
    Item item = answer;
    while (item != null) {
      if (steps == STEPS) {
        return Poll.ready(item);
      }
      steps++;
      answer = null;
      key = next(item);
      later.ask(key, this);
      item = answer;
    }
    asker = cx.waker("an answer");
    return Poll.pending();
  }

  @Override
  public void cancel() {
    asker = Waker.none();
  }

  private static final class Add extends TenSteps {
    Add(Later later, int key) {
      super(later, key);
    }

    @Override
    public Poll<Item> poll(Context cx) {
      return go(cx);
    }

    @Override
    int next(Item item) {
      return item.id() + 1;
    }
  }

  private static final class Xor extends TenSteps {
    Xor(Later later, int key) {
      super(later, key);
    }

    @Override
    public Poll<Item> poll(Context cx) {
      return go(cx);
    }

    @Override
    int next(Item item) {
      return item.id() ^ 0x55;
    }
  }

  private static final class Shift extends TenSteps {
    Shift(Later later, int key) {
      super(later, key);
    }

    @Override
    public Poll<Item> poll(Context cx) {
      return go(cx);
    }

    @Override
    int next(Item item) {
      return Integer.rotateLeft(item.id(), 7);
    }
  }

  private static final class Negate extends TenSteps {
    Negate(Later later, int key) {
      super(later, key);
    }

    @Override
    public Poll<Item> poll(Context cx) {
      return go(cx);
    }

    @Override
    int next(Item item) {
      return -item.id();
    }
  }

  private static final class Multiply extends TenSteps {
    Multiply(Later later, int key) {
      super(later, key);
    }

    @Override
    public Poll<Item> poll(Context cx) {
      return go(cx);
    }

    @Override
    int next(Item item) {
      return item.id() * 31;
    }
  }
}
