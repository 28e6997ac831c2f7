package dev.reveille.samples.resp.server;

import dev.reveille.Dispatcher;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The convention of the old code base: whatever thread a result comes from, its callback runs on
 * the loop. Callbacks that were written under this rule may touch what belongs to the loop.
 */
final class LoopHandler<V extends @Nullable Object>
    implements CompletionHandler<V, @Nullable Object> {
  private final Dispatcher dispatcher;
  private final CompletionHandler<V, @Nullable Object> callback;

  /** A handler that completes a completer, on the loop. */
  @SuppressWarnings(
      "NullAway") // javac 17 does not read the annotation inside a type from a class file
  static <V extends @Nullable Object> CompletionHandler<V, @Nullable Object> of(
      Dispatcher dispatcher, Completer<V> completer) {
    return new LoopHandler<V>(dispatcher, Callbacks.<V>handler(completer));
  }

  LoopHandler(Dispatcher dispatcher, CompletionHandler<V, @Nullable Object> callback) {
    this.dispatcher = dispatcher;
    this.callback = callback;
  }

  @Override
  public void completed(V result, @Nullable Object attachment) {
    onLoop(() -> callback.completed(result, attachment));
  }

  @Override
  public void failed(Throwable cause, @Nullable Object attachment) {
    onLoop(() -> callback.failed(cause, attachment));
  }

  private void onLoop(Runnable call) {
    try {
      dispatcher.post(call);
    } catch (RejectedExecutionException e) {
      call.run(); // the loop is closing, and lets nobody else touch anything; a result is not lost
    }
  }
}
