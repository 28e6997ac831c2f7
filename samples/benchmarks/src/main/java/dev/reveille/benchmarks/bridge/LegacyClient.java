package dev.reveille.benchmarks.bridge;

/**
 * The legacy API. Five classes implement it, which differ in how they find the answer, so that
 * calls of it and calls back are as megamorphic as in a program.
 */
abstract class LegacyClient {
  private final Wire wire;

  LegacyClient(Wire wire) {
    this.wire = wire;
  }

  /** Asks for an item; the answer comes as the {@link Wire} has it. */
  final void get(int key, ItemCallback callback) {
    wire.send(this, key, callback);
  }

  /** Calls back. */
  abstract void answer(int key, ItemCallback callback);

  static LegacyClient of(int kind, Wire wire) {
    return switch (kind % 5) {
      case 0 -> new Add(wire);
      case 1 -> new Xor(wire);
      case 2 -> new Shift(wire);
      case 3 -> new Negate(wire);
      default -> new Multiply(wire);
    };
  }

  private static final class Add extends LegacyClient {
    Add(Wire wire) {
      super(wire);
    }

    @Override
    void answer(int key, ItemCallback callback) {
      callback.done(Item.of(key + 1), null);
    }
  }

  private static final class Xor extends LegacyClient {
    Xor(Wire wire) {
      super(wire);
    }

    @Override
    void answer(int key, ItemCallback callback) {
      callback.done(Item.of(key ^ 0x55), null);
    }
  }

  private static final class Shift extends LegacyClient {
    Shift(Wire wire) {
      super(wire);
    }

    @Override
    void answer(int key, ItemCallback callback) {
      callback.done(Item.of(Integer.rotateLeft(key, 7)), null);
    }
  }

  private static final class Negate extends LegacyClient {
    Negate(Wire wire) {
      super(wire);
    }

    @Override
    void answer(int key, ItemCallback callback) {
      callback.done(Item.of(-key), null);
    }
  }

  private static final class Multiply extends LegacyClient {
    Multiply(Wire wire) {
      super(wire);
    }

    @Override
    void answer(int key, ItemCallback callback) {
      callback.done(Item.of(key * 31), null);
    }
  }
}
