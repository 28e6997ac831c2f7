package dev.reveille.benchmarks.bridge;

import org.jspecify.annotations.Nullable;

/** The floor's caller: the callback leaves the item in it and queues it. */
final class FloorCaller implements Runnable {
  private final FloorLoop loop;
  private final boolean foreign;
  private final LegacyClient client;
  private final int kind;
  private int left;
  private @Nullable Item item;
  long sum;

  /** In the loop's stack. */
  @Nullable FloorCaller next;

  FloorCaller(FloorLoop loop, boolean foreign, LegacyClient client, int kind, int calls) {
    this.loop = loop;
    this.foreign = foreign;
    this.client = client;
    this.kind = kind;
    this.left = calls;
  }

  @Override
  public void run() {
    for (; ; ) {
      Item came = item;
      if (came != null) {
        item = null;
        sum += came.id();
        if (--left == 0) {
          loop.ended();
          return;
        }
      }
      calling = true;
      client.get(left, callback(kind, this));
      calling = false;
      if (foreign || item == null) {
        return;
      }
    }
  }

  /** The callback came before the call returned: there is no need for a turn. */
  private boolean calling;

  private static ItemCallback callback(int kind, FloorCaller caller) {
    return switch (kind % 5) {
      case 0 -> (item, failure) -> caller.end(item);
      case 1 -> (item, failure) -> caller.end(item);
      case 2 -> (item, failure) -> caller.end(item);
      case 3 -> (item, failure) -> caller.end(item);
      default -> (item, failure) -> caller.end(item);
    };
  }

  private void end(@Nullable Item came) {
    item = came;
    if (foreign) {
      loop.push(this);
    } else if (!calling) {
      loop.execute(this);
    }
  }
}
