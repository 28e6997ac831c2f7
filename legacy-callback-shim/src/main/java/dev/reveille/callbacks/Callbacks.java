package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Pollable;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import java.nio.channels.CompletionHandler;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Single-shot callbacks as pollables.
 *
 * <pre>{@code
 * Pollable<Integer> read =
 *     Callbacks.call("read", completer -> channel.read(buffer, 0, null, Callbacks.handler(completer)));
 * }</pre>
 */
public final class Callbacks {
  private Callbacks() {}

  /**
   * Calls a callback API in the first poll and waits for its callback.
   *
   * <p>Ready with what the callback brings; pending until then, and the callback wakes, from
   * whatever thread it comes. Throws what the callback, or the call itself, fails with. The first
   * completion wins; later ones are told that they are too late. {@code cancel()} gives up at once:
   * the action of {@link Completer#onCancel} runs, and what comes later is dropped.
   *
   * @param <T> the type of the result
   * @param name what is waited for; dumps and messages show it
   * @param start makes the call
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> call(String name, Initiator<T> start) {
    return Completer.pollable(name, start, null);
  }

  /**
   * The same, for results that have to be disposed of when nobody waits for them any more.
   *
   * @param <T> the type of the result
   * @param name what is waited for; dumps and messages show it
   * @param start makes the call
   * @param onLateValue disposes of a value that comes after {@code cancel()}, or that came and was
   *     not polled for yet; on the loop, or, if the dispatcher is closed, on the thread that closed
   *     it or that of the callback; not called with null
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> call(
      String name, Initiator<T> start, Consumer<? super T> onLateValue) {
    return Completer.pollable(name, start, requireNonNull(onLateValue, "onLateValue"));
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
