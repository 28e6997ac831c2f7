package dev.reveille.callbacks.executors;

/**
 * Where a {@link CallbackFunction} is called. It may be kept; what it says does not change.
 *
 * <pre>{@code
 * CallbackFunction drain =
 *     (context, status) -> {
 *       if (status == CallbackStatus.OK && !input.isEmpty()) {
 *         log.add(input.remove());
 *         context.dispatcher().post(context.task()); // the rest, after the others
 *       }
 *     };
 * callbacks.post(drain);
 * }</pre>
 *
 * <p><b>Threading.</b> Any thread.
 */
public sealed interface CallbackContext permits CallbackStay {

  /**
   * Who calls.
   *
   * @return the dispatcher that the task was posted to
   */
  CallbackDispatcher dispatcher();

  /**
   * Whose function is called.
   *
   * @return the task; it is not posted any more, so the function may post it again
   */
  CallbackTask task();
}
