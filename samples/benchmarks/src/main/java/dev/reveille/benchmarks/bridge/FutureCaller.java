package dev.reveille.benchmarks.bridge;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A chain of calls, each as a {@link CompletableFuture} that is observed on the loop. */
final class FutureCaller implements Consumer<Item> {
  private final Executor loop;
  private final LegacyClient client;
  private final int kind;
  private final Runnable onEnd;
  private int left;
  long sum;

  FutureCaller(Executor loop, LegacyClient client, int kind, int calls, Runnable onEnd) {
    this.loop = loop;
    this.client = client;
    this.kind = kind;
    this.onEnd = onEnd;
    this.left = calls;
  }

  /** Makes the next call. On the loop. */
  void next() {
    CompletableFuture<Item> future = new CompletableFuture<>();
    client.get(left, callback(kind, future));
    future.thenAcceptAsync(this, loop);
  }

  @Override
  public void accept(Item item) {
    sum += item.id();
    if (--left == 0) {
      onEnd.run();
    } else {
      next();
    }
  }

  private static ItemCallback callback(int kind, CompletableFuture<Item> future) {
    return switch (kind % 5) {
      case 0 -> (item, failure) -> end(future, item, failure);
      case 1 -> (item, failure) -> end(future, item, failure);
      case 2 -> (item, failure) -> end(future, item, failure);
      case 3 -> (item, failure) -> end(future, item, failure);
      default -> (item, failure) -> end(future, item, failure);
    };
  }

  private static void end(
      CompletableFuture<Item> future, @Nullable Item item, @Nullable Throwable failure) {
    if (item != null) {
      future.complete(item);
    } else if (failure != null) {
      future.completeExceptionally(failure);
    }
  }
}
