package dev.reveille.io.file;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call as an operation: it begins in the first poll, and its handler completes a {@link
 * Completer}. To give it up abandons the wait and not the call, which goes on as a {@link Flight}.
 *
 * @param <V> the type of the result
 */
final class FileCall<V> extends Operation<V> {

  /** Makes the call; the handler may be called before it returns. */
  @FunctionalInterface
  interface Start<V> {
    void start(CompletionHandler<V, Complete> handler) throws Exception;
  }

  private final @Nullable Flights flights;
  private final CallOptions<V> options;
  private final Start<V> start;
  private @Nullable Pollable<V> waiting;
  private @Nullable Flight<V> flight;

  /**
   * @param flights where it is registered while in flight; null for what is not in a file yet
   * @param onLateValue disposes of a value that comes when nobody waits any more
   */
  FileCall(
      String name,
      @Nullable Flights flights,
      @Nullable Consumer<? super V> onLateValue,
      Start<V> start) {
    super(name);
    this.flights = flights;
    CallOptions<V> defaults = CallOptions.defaults();
    this.options = onLateValue == null ? defaults : defaults.onLateValue(onLateValue);
    this.start = start;
  }

  /** A call that blocks, on a thread of an executor. */
  static <V> Start<V> blocking(Executor executor, Callable<V> call) {
    return handler ->
        executor.execute(
            () -> {
              V value;
              try {
                value = call.call();
              } catch (Throwable t) {
                handler.failed(t, Complete.COMPLETE);
                return;
              }
              handler.completed(value, Complete.COMPLETE);
            });
  }

  @Override
  protected Poll<V> doPoll(Context cx) throws Exception {
    Pollable<V> w = waiting;
    if (w == null) {
      if (!cx.tryProceed()) {
        return Poll.pending(); // nothing has begun
      }
      Dispatcher dispatcher = cx.dispatcher();
      w = Completer.pollable(name(), options, completer -> begin(completer, dispatcher));
      waiting = w;
    }
    return w.poll(cx);
  }

  private void begin(Completer<V> completer, Dispatcher dispatcher) throws Exception {
    Flight<V> f = new Flight<>(name(), completer, dispatcher, flights);
    f.begin();
    flight = f;
    try {
      start.start(f);
    } catch (Throwable t) {
      f.refused();
      throw t;
    }
  }

  @Override
  protected void doCancel() {
    if (waiting != null) {
      waiting.cancel();
    }
    if (flight != null) {
      flight.givenUp();
    }
  }
}
