package dev.reveille.callback;

/**
 * What giving up a bridged call means while its callback is still to come.
 *
 * <pre>{@code
 * CallOptions<Response> options =
 *     CallOptions.<Response>defaults().withCancelMode(CancelMode.AWAIT_CALLBACK);
 * }</pre>
 */
public enum CancelMode {

  /**
   * Go on at once. The {@linkplain Completer#onCancel action} that cancels the legacy side runs,
   * and what the legacy side still brings is late: a value goes to the disposer of late values, a
   * failure is dropped.
   */
  ABANDON,

  /**
   * Wait for the legacy side's last word: for what must not be used again before the callback has
   * come, a buffer that is being read into, say.
   *
   * <p>A stop of the task's {@linkplain dev.reveille.Context#stopToken token}, and a time-out, run
   * the action and then go on waiting. The callback decides: a value is the result all the same; a
   * failure, or the word that the call was cancelled, ends it as the stop or the time-out would
   * have. {@code Pollable.cancel()} can not wait; there a task of its own takes the place of the
   * one who gave up, so that the dispatcher counts the call as work and does not end before it,
   * unless it is closed.
   */
  AWAIT_CALLBACK
}
