package dev.reveille.benchmarks.chain;

/** The floor: the callback asks the next question. In five classes. */
abstract class FloorChain implements Answer {
  private final Later later;
  private int steps;
  private int left;
  long sum;

  FloorChain(Later later, int chains) {
    this.later = later;
    this.left = chains;
  }

  static FloorChain of(int kind, Later later, int chains) {
    return switch (kind % 5) {
      case 0 -> new Add(later, chains);
      case 1 -> new Xor(later, chains);
      case 2 -> new Shift(later, chains);
      case 3 -> new Negate(later, chains);
      default -> new Multiply(later, chains);
    };
  }

  final void start() {
    steps = 1;
    later.ask(left, this);
  }

  final void answered(Item item, int next) {
    if (steps < TenSteps.STEPS) {
      steps++;
      later.ask(next, this);
    } else {
      sum += item.id();
      if (--left > 0) {
        start();
      }
    }
  }

  private static final class Add extends FloorChain {
    Add(Later later, int chains) {
      super(later, chains);
    }

    @Override
    public void answered(Item item) {
      answered(item, item.id() + 1);
    }
  }

  private static final class Xor extends FloorChain {
    Xor(Later later, int chains) {
      super(later, chains);
    }

    @Override
    public void answered(Item item) {
      answered(item, item.id() ^ 0x55);
    }
  }

  private static final class Shift extends FloorChain {
    Shift(Later later, int chains) {
      super(later, chains);
    }

    @Override
    public void answered(Item item) {
      answered(item, Integer.rotateLeft(item.id(), 7));
    }
  }

  private static final class Negate extends FloorChain {
    Negate(Later later, int chains) {
      super(later, chains);
    }

    @Override
    public void answered(Item item) {
      answered(item, -item.id());
    }
  }

  private static final class Multiply extends FloorChain {
    Multiply(Later later, int chains) {
      super(later, chains);
    }

    @Override
    public void answered(Item item) {
      answered(item, item.id() * 31);
    }
  }
}
