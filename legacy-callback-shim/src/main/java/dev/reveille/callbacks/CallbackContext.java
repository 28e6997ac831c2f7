package dev.reveille.callbacks;

/**
 * Where a {@link CallbackFunction} is called. It may be kept; what it says does not change.
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
