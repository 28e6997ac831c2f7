package dev.reveille.benchmarks.bridge;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Ours: a task that takes what a listener hears. */
final class StreamTask extends Task {
  private final PollStream<Item> items;
  long sum;

  StreamTask(LegacyFeed feed, int kind) {
    items =
        Callbacks.stream(
            "items",
            Overflow.unbounded(),
            emitter -> {
              feed.listen(listener(kind, emitter), emitter::complete);
              return feed::ignore;
            });
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    for (; ; ) {
      Poll<@Nullable Item> poll = items.pollNext(cx);
      if (poll.isPending()) {
        return Poll.pending();
      }
      Item item = poll.value();
      if (item == null) {
        return Poll.ready();
      }
      sum += item.id();
    }
  }

  /** Five lambdas that do the same: a program has more than one place that listens. */
  private static Consumer<Item> listener(int kind, Emitter<Item> emitter) {
    return switch (kind % 5) {
      case 0 -> item -> emitter.next(item);
      case 1 -> item -> emitter.next(item);
      case 2 -> item -> emitter.next(item);
      case 3 -> item -> emitter.next(item);
      default -> item -> emitter.next(item);
    };
  }
}
