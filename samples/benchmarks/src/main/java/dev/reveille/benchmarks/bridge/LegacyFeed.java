package dev.reveille.benchmarks.bridge;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A legacy API with a listener, which hears some items in each turn of the loop, and then of the
 * end. Five classes implement it, which differ in what they make up.
 */
abstract class LegacyFeed implements Runnable {
  private final Executor loop;
  private final int burst;
  private int left;
  private Consumer<Item> onItem = item -> {};
  private Runnable onEnd = () -> {};

  /**
   * Creates one.
   *
   * @param loop where the listener is called
   * @param bursts in how many turns
   * @param burst how many items in each turn
   */
  LegacyFeed(Executor loop, int bursts, int burst) {
    this.loop = loop;
    this.burst = burst;
    this.left = bursts;
  }

  /** Registers the only listener, and begins. */
  final void listen(Consumer<Item> onItem, Runnable onEnd) {
    this.onItem = onItem;
    this.onEnd = onEnd;
    loop.execute(this);
  }

  /** Takes the listener back. */
  final void ignore() {
    onItem = item -> {};
    onEnd = () -> {};
  }

  @Override
  public final void run() {
    emit(left, burst, onItem);
    if (--left > 0) {
      loop.execute(this); // behind those whom the items have woken
    } else {
      onEnd.run();
    }
  }

  abstract void emit(int from, int count, Consumer<Item> listener);

  static LegacyFeed of(int kind, Executor loop, int bursts, int burst) {
    return switch (kind % 5) {
      case 0 -> new Add(loop, bursts, burst);
      case 1 -> new Xor(loop, bursts, burst);
      case 2 -> new Shift(loop, bursts, burst);
      case 3 -> new Negate(loop, bursts, burst);
      default -> new Multiply(loop, bursts, burst);
    };
  }

  private static final class Add extends LegacyFeed {
    Add(Executor loop, int bursts, int burst) {
      super(loop, bursts, burst);
    }

    @Override
    void emit(int from, int count, Consumer<Item> listener) {
      for (int i = 0; i < count; i++) {
        listener.accept(Item.of(from + i));
      }
    }
  }

  private static final class Xor extends LegacyFeed {
    Xor(Executor loop, int bursts, int burst) {
      super(loop, bursts, burst);
    }

    @Override
    void emit(int from, int count, Consumer<Item> listener) {
      for (int i = 0; i < count; i++) {
        listener.accept(Item.of(from ^ i));
      }
    }
  }

  private static final class Shift extends LegacyFeed {
    Shift(Executor loop, int bursts, int burst) {
      super(loop, bursts, burst);
    }

    @Override
    void emit(int from, int count, Consumer<Item> listener) {
      for (int i = 0; i < count; i++) {
        listener.accept(Item.of(Integer.rotateLeft(from, i)));
      }
    }
  }

  private static final class Negate extends LegacyFeed {
    Negate(Executor loop, int bursts, int burst) {
      super(loop, bursts, burst);
    }

    @Override
    void emit(int from, int count, Consumer<Item> listener) {
      for (int i = 0; i < count; i++) {
        listener.accept(Item.of(-from - i));
      }
    }
  }

  private static final class Multiply extends LegacyFeed {
    Multiply(Executor loop, int bursts, int burst) {
      super(loop, bursts, burst);
    }

    @Override
    void emit(int from, int count, Consumer<Item> listener) {
      for (int i = 0; i < count; i++) {
        listener.accept(Item.of(from * i));
      }
    }
  }
}
