package dev.reveille.callbacks;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A callback for the end of a task: {@link Callbacks#onComplete}. One of the three is called, once.
 *
 * <p><b>Threading.</b> On the loop, in a turn of its own, after the task has ended; on the thread
 * that closes the dispatcher, or that was refused by a closed one, where there is no loop left.
 * What it throws goes to the dispatcher's uncaught handler. <b>Memory effects.</b> What the task
 * did happens-before the call.
 *
 * <pre>{@code
 * final class Reply implements CompletionCallback<String> {
 *   @Override
 *   public void completed(String answer) {
 *     legacy.onAnswer(answer);
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
 * @param <T> the type of the value
 */
public interface CompletionCallback<T extends @Nullable Object> {

  /**
   * The task was ready.
   *
   * @param value its value
   */
  void completed(T value);

  /**
   * The task threw, or was refused.
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
