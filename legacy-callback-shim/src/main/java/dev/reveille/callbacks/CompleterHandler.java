package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.callback.Completer;
import java.nio.channels.CompletionHandler;
import org.jspecify.annotations.Nullable;

/** {@link Callbacks#handler}. */
final class CompleterHandler<V extends @Nullable Object>
    implements CompletionHandler<V, @Nullable Object> {
  private final Completer<? super V> completer;

  CompleterHandler(Completer<? super V> completer) {
    this.completer = requireNonNull(completer, "completer");
  }

  @Override
  public void completed(V result, @Nullable Object attachment) {
    completer.complete(result);
  }

  @Override
  public void failed(@Nullable Throwable failure, @Nullable Object attachment) {
    Shapes.fail(completer, failure);
  }
}
