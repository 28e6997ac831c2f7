package dev.reveille.callback;

import org.jspecify.annotations.Nullable;

/**
 * Nobody is left who could complete what is waited for: the completer, or the emitter, became
 * garbage. The legacy side has dropped its callback without calling it.
 *
 * <p>Found by the garbage collector, so it comes late or, if the heap is large and quiet, not for a
 * long time; a time-out is the better answer where one is known. It is not found while something
 * that the operation itself holds refers to the completer, such as its {@linkplain
 * Completer#onCancel cancel action}.
 *
 * <pre>{@code
 * Pollable<Reply> reply =
 *     Pollables.recover(
 *         Completer.<Reply>pollable("ask", completer -> {}), // nobody keeps the completer
 *         LostCallbackException.class,
 *         lost -> Pollables.ready(Reply.NONE));
 * }</pre>
 */
public final class LostCallbackException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /**
   * Creates an exception.
   *
   * @param message what was lost, by name
   * @param begun where it was begun, or null if stacks were not captured
   */
  public LostCallbackException(String message, @Nullable Throwable begun) {
    super(message, begun);
  }
}
