package dev.reveille.benchmarks.bridge;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import org.jspecify.annotations.Nullable;

/** Ours: a task that makes its calls one after the other. */
final class TaskCaller extends Task {
  private final LegacyClient client;
  private final int kind;
  private int left;
  private @Nullable Pollable<Item> call;
  long sum;

  TaskCaller(LegacyClient client, int kind, int calls) {
    this.client = client;
    this.kind = kind;
    this.left = calls;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    for (; ; ) {
      Pollable<Item> c = call;
      if (c == null) {
        c = get(left);
        call = c;
      }
      Poll<Item> poll = c.poll(cx);
      if (poll.isPending()) {
        return Poll.pending();
      }
      call = null;
      sum += poll.value().id();
      if (--left == 0) {
        return Poll.ready();
      }
    }
  }

  private Pollable<Item> get(int key) {
    return Callbacks.call("get", completer -> client.get(key, callback(kind, completer)));
  }

  /** Five lambdas that do the same: a program has more than one place that makes such calls. */
  private static ItemCallback callback(int kind, Completer<Item> completer) {
    return switch (kind % 5) {
      case 0 -> (item, failure) -> end(completer, item, failure);
      case 1 -> (item, failure) -> end(completer, item, failure);
      case 2 -> (item, failure) -> end(completer, item, failure);
      case 3 -> (item, failure) -> end(completer, item, failure);
      default -> (item, failure) -> end(completer, item, failure);
    };
  }

  private static void end(
      Completer<Item> completer, @Nullable Item item, @Nullable Throwable failure) {
    if (item != null) {
      completer.complete(item);
    } else if (failure != null) {
      completer.fail(failure);
    }
  }
}
