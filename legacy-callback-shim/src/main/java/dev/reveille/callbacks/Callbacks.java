package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import java.nio.channels.CompletionHandler;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of legacy APIs as pollables and streams, and the way back.
 *
 * <pre>{@code
 * Pollable<Integer> read =
 *     Callbacks.call("read", completer -> channel.read(buffer, null, Callbacks.handler(completer)));
 * }</pre>
 *
 * <p><b>Threading.</b> The methods may be called by any thread; what they return belongs to the
 * loop that polls it.
 */
public final class Callbacks {
  private Callbacks() {}

  // ------------------------------------------------------------------ single-shot

  /**
   * Calls a callback API in the first poll and waits for its callback.
   *
   * <p>Ready with what the callback brings; pending until then, and the callback wakes, from
   * whatever thread it comes. Throws what the callback, or the call itself, fails with; {@link
   * java.util.concurrent.CancellationException} if the legacy side says that it was cancelled;
   * {@link dev.reveille.callback.LostCallbackException} if it has dropped the completer. The first
   * completion wins; later ones are told that they are too late, and reported. {@code cancel()}
   * gives up at once: the action of {@link Completer#onCancel} runs, and what comes later is
   * dropped.
   *
   * @param <T> the type of the result
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param start makes the call
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> call(String name, Initiator<T> start) {
    return Completer.pollable(name, start);
  }

  /**
   * {@link #call(String, Initiator)} with options: what becomes of results that come too late, what
   * giving up means, a time-out, and how misuse is met.
   *
   * @param <T> the type of the result
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param options the options
   * @param start makes the call
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> call(
      String name, CallOptions<? super T> options, Initiator<T> start) {
    return Completer.pollable(name, options, start);
  }

  /**
   * {@link #call(String, Initiator)} for an API whose call returns what cancels it.
   *
   * <pre>{@code
   * Pollable<String> body =
   *     Callbacks.callWithHandle(
   *         "get", completer -> client.get("/", completer::complete, completer::fail), Request::abort);
   * }</pre>
   *
   * @param <T> the type of the result
   * @param <H> the type of the handle
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param start makes the call and returns its handle
   * @param cancel cancels by the handle, when the one who waits gives up; as the action of {@link
   *     Completer#onCancel}
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object, H> Pollable<T> callWithHandle(
      String name, HandleInitiator<T, H> start, Consumer<? super H> cancel) {
    return callWithHandle(name, CallOptions.<T>defaults(), start, cancel);
  }

  /**
   * {@link #callWithHandle(String, HandleInitiator, Consumer)} with options.
   *
   * @param <T> the type of the result
   * @param <H> the type of the handle
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param options the options
   * @param start makes the call and returns its handle
   * @param cancel cancels by the handle, when the one who waits gives up
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object, H> Pollable<T> callWithHandle(
      String name,
      CallOptions<? super T> options,
      HandleInitiator<T, H> start,
      Consumer<? super H> cancel) {
    requireNonNull(start, "start");
    requireNonNull(cancel, "cancel");
    return Completer.pollable(
        name,
        options,
        completer -> {
          H handle = start.start(completer);
          if (handle != null) {
            completer.onCancel(() -> cancel.accept(handle));
          }
        });
  }

  /**
   * A completer as a handler of NIO.2. The attachment is not looked at.
   *
   * @param <V> the type of the result
   * @param completer what the handler completes
   * @return a new handler, for any thread
   */
  public static <V extends @Nullable Object> CompletionHandler<V, @Nullable Object> handler(
      Completer<? super V> completer) {
    return new CompleterHandler<>(completer);
  }
}
