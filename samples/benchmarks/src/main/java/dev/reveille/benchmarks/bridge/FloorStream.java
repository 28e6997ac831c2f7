package dev.reveille.benchmarks.bridge;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/** The floor: the listener puts into a deque and queues the consumer, if it is not queued yet. */
final class FloorStream implements Runnable {
  private final FloorLoop loop;
  private final ArrayDeque<Item> items = new ArrayDeque<>();
  private boolean queued;
  private boolean complete;
  long sum;

  FloorStream(FloorLoop loop) {
    this.loop = loop;
    loop.started();
  }

  void listenTo(LegacyFeed feed, int kind) {
    feed.listen(listener(kind), this::complete);
  }

  @Override
  public void run() {
    queued = false;
    for (Item item = items.poll(); item != null; item = items.poll()) {
      sum += item.id();
    }
    if (complete) {
      loop.ended();
    }
  }

  private Consumer<Item> listener(int kind) {
    return switch (kind % 5) {
      case 0 -> item -> next(item);
      case 1 -> item -> next(item);
      case 2 -> item -> next(item);
      case 3 -> item -> next(item);
      default -> item -> next(item);
    };
  }

  private void next(Item item) {
    items.add(item);
    wake();
  }

  private void complete() {
    complete = true;
    wake();
  }

  private void wake() {
    if (!queued) {
      queued = true;
      loop.execute(this);
    }
  }
}
