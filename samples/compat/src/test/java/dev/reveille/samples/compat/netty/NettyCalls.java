package dev.reveille.samples.compat.netty;

import dev.reveille.Pollable;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.Shapes;
import io.netty.util.concurrent.Future;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What Netty answers with a future, as a pollable: a listener is the callback. */
final class NettyCalls {
  private NettyCalls() {}

  /** Who gives up cancels the future; whether that stops anything is up to Netty. */
  static <V extends @Nullable Object> Pollable<V> await(
      String name, Callable<? extends Future<V>> start) {
    return Callbacks.callWithHandle(
        name,
        completer -> {
          Future<V> future = start.call();
          future.addListener((Future<V> done) -> end(completer, done));
          return future;
        },
        future -> future.cancel(false));
  }

  static <V extends @Nullable Object> void end(Completer<V> completer, Future<V> done) {
    Shapes.fromResult(completer, done, f -> !f.isSuccess(), Future::getNow, Future::cause);
  }
}
