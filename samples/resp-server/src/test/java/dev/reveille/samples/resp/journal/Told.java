package dev.reveille.samples.resp.journal;

import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A handler that remembers what it was told, and complains about being told twice. */
final class Told<V> implements CompletionHandler<V, @Nullable Void> {
  private final CompletableFuture<V> told = new CompletableFuture<>();

  @Override
  public void completed(V result, @Nullable Void attachment) {
    if (!told.complete(result)) {
      throw new AssertionError("told twice");
    }
  }

  @Override
  public void failed(Throwable cause, @Nullable Void attachment) {
    if (!told.completeExceptionally(cause)) {
      throw new AssertionError("told twice");
    }
  }

  boolean isTold() {
    return told.isDone();
  }

  /** The result, for which it waits if need be. */
  V get() throws InterruptedException, TimeoutException {
    try {
      return told.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw new AssertionError("failed", failed.getCause());
    }
  }

  /** The cause of the failure, for which it waits if need be. */
  Throwable failure() throws InterruptedException, TimeoutException {
    try {
      throw new AssertionError("completed with " + told.get(30, TimeUnit.SECONDS));
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      return cause == null ? failed : cause;
    }
  }
}
