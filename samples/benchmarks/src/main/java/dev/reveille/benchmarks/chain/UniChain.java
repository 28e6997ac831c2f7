package dev.reveille.benchmarks.chain;

import io.smallrye.mutiny.Uni;
import java.util.function.Function;

/** Mutiny's {@code Uni}: chain after chain, in five lambdas that are made once. */
final class UniChain {
  private final Later later;
  private final Function<Item, Uni<? extends Item>> step;
  private int left;
  long sum;

  UniChain(int kind, Later later, int chains) {
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

  private Uni<Item> ask(int key) {
    return Uni.createFrom().emitter(emitter -> later.ask(key, emitter::complete));
  }

  void start() {
    Uni<Item> chain = ask(left);
    for (int i = 1; i < TenSteps.STEPS; i++) {
      chain = chain.onItem().transformToUni(step);
    }
    chain.subscribe().with(this::end);
  }

  private void end(Item item) {
    sum += item.id();
    if (--left > 0) {
      start();
    }
  }
}
