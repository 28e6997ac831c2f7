package dev.reveille.callbacks;

import java.util.concurrent.CancellationException;

/**
 * A callback for each of many values: {@link Callbacks#onEach}. The elements come one after the
 * other, in order; then one of the other three is called, once.
 *
 * <p><b>Threading.</b> On the loop, the end in a turn of its own, after the task has ended; the end
 * on the thread that closes the dispatcher, or that was refused by a closed one, where there is no
 * loop left. What it throws goes to the dispatcher's uncaught handler, and the next element comes
 * all the same: to end it, cancel the handle. <b>Memory effects.</b> What the source did before an
 * element happens-before its call.
 *
 * <pre>{@code
 * final class Screen implements ElementCallback<String> {
 *   @Override
 *   public void next(String line) {
 *     legacy.onLine(line);
 *   }
 *
 *   @Override
 *   public void completed() {
 *     legacy.onEnd();
 *   }
 *
 *   @Override
 *   public void failed(Throwable cause) {
 *     legacy.onError(cause.getMessage());
 *   }
 *
 *   @Override
 *   public void cancelled(CancellationException cause) {
 *     legacy.onAbort();
 *   }
 * }
 * }</pre>
 *
 * @param <T> the type of the elements
 */
public interface ElementCallback<T> {

  /**
   * The next one.
   *
   * @param element the element
   */
  void next(T element);

  /** The stream has ended. */
  void completed();

  /**
   * The stream threw, or its task was refused.
   *
   * @param cause what it threw, as it is; a {@link java.util.concurrent.RejectedExecutionException}
   *     if the dispatcher did not take it
   */
  void failed(Throwable cause);

  /**
   * The task was cancelled: by its handle, by the close of the dispatcher, or by what it waited
   * for.
   *
   * @param cause what it threw, or who was cancelled
   */
  void cancelled(CancellationException cause);
}
