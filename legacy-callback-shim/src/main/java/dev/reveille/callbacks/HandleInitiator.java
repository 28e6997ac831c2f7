package dev.reveille.callbacks;

import dev.reveille.callback.Completer;
import org.jspecify.annotations.Nullable;

/**
 * Begins an operation of a callback API that returns a handle by which it can be cancelled: {@link
 * Callbacks#callWithHandle}.
 *
 * <pre>{@code
 * HandleInitiator<String, Request> get =
 *     completer -> client.get("/", completer::complete, completer::fail);
 * Pollable<String> body = Callbacks.callWithHandle("get", get, Request::abort);
 * }</pre>
 *
 * @param <T> the type of the result
 * @param <H> the type of the handle
 */
@FunctionalInterface
public interface HandleInitiator<T extends @Nullable Object, H> {

  /**
   * Begins the operation. Called once, on the loop, in the first poll of the one who waits.
   *
   * @param completer to be completed once, by any thread, also before this method returns
   * @return what cancels the operation; null if there is nothing to cancel
   * @throws Exception fails the operation as an error callback would
   */
  @Nullable H start(Completer<T> completer) throws Exception;
}
