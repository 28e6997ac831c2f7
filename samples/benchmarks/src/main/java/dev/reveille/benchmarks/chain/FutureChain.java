package dev.reveille.benchmarks.chain;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** {@code CompletableFuture}: chain after chain, in five lambdas that are made once. */
final class FutureChain {
  private final Later later;
  private final Function<Item, CompletableFuture<Item>> step;
  private int left;
  long sum;

  FutureChain(int kind, Later later, int chains) {
    this.later = later;
    this.left = chains;
    this.step =
        switch (kind % 5) {
          case 0 -> item -> ask(item.id() + 1);
          case 1 -> item -> ask(item.id() ^ 0x55);
          case 2 -> item -> ask(Integer.rotateLeft(item.id(), 7));
          case 3 -> item -> ask(-item.id());
          default -> item -> ask(item.id() * 31);
        };
  }

  /** The future is the callback: no lambda for that. */
  private static final class Asked extends CompletableFuture<Item> implements Answer {
    @Override
    public void answered(Item item) {
      complete(item);
    }
  }

  private CompletableFuture<Item> ask(int key) {
    Asked asked = new Asked();
    later.ask(key, asked);
    return asked;
  }

  void start() {
    CompletableFuture<Item> chain = ask(left);
    for (int i = 1; i < TenSteps.STEPS; i++) {
      chain = chain.thenCompose(step);
    }
    chain.thenAccept(this::end);
  }

  private void end(Item item) {
    sum += item.id();
    if (--left > 0) {
      start();
    }
  }
}
