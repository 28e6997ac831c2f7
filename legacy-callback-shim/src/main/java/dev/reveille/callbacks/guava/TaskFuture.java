package dev.reveille.callbacks.guava;

import com.google.common.util.concurrent.AbstractFuture;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * {@link GuavaFutures#listenable}.
 *
 * <p>It is cancelled by way of the task's own future, not of its handle: that future lets a failure
 * that comes after the cancel go to the uncaught handler, since nobody else will see it.
 */
final class TaskFuture<T extends @Nullable Object> extends AbstractFuture<T> {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callbacks");

  private final Dispatcher dispatcher;
  private final JoinHandle<T> handle;
  private final CompletableFuture<T> task;

  private TaskFuture(Dispatcher dispatcher, JoinHandle<T> handle) {
    this.dispatcher = dispatcher;
    this.handle = handle;
    this.task = handle.toCompletableFuture();
  }

  static <T extends @Nullable Object> TaskFuture<T> of(
      Dispatcher dispatcher, JoinHandle<T> handle) {
    TaskFuture<T> future = new TaskFuture<>(dispatcher, handle);
    var unused =
        future.task.whenComplete(
            (value, failure) -> {
              try {
                future.ended(value, failure);
              } catch (Throwable t) { // an Error of a listener; others are logged by Guava
                LOGGER.log(Level.ERROR, "a listener failed, of the future of " + handle, t);
              }
            });
    return future;
  }

  @SuppressWarnings("NullAway") // without a failure there is a value, which is null if T may be
  private void ended(@Nullable T value, @Nullable Throwable failure) {
    if (failure == null) {
      set(value);
    } else if (failure instanceof CancellationException) {
      cancel(false);
    } else {
      setException(failure);
    }
  }

  @Override
  protected void afterDone() {
    if (isCancelled()) {
      task.cancel(false);
    }
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    checkMayBlock();
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, TimeoutException, ExecutionException {
    checkMayBlock();
    return super.get(timeout, unit);
  }

  private void checkMayBlock() {
    if (!isDone()) {
      dispatcher.checkMayBlock(
          "get() of the future of task '" + handle.name() + "'",
          "add a listener, or poll GuavaFutures.join(future)");
    }
  }

  @Override
  protected String pendingToString() {
    return "task '" + handle.name() + "'";
  }
}
