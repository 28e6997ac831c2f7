package dev.reveille.callbacks.executors;

/**
 * What a {@link CallbackTask} does when it is called.
 *
 * <pre>{@code
 * CallbackFunction flush =
 *     (context, status) -> {
 *       switch (status) {
 *         case OK -> file.write(buffer);
 *         case CANCELLED -> buffer.release();
 *       }
 *     };
 * callbacks.postAfter(flush, Duration.ofMillis(100));
 * }</pre>
 *
 * <p><b>Threading.</b> Called on the loop only, one function at a time. <b>Memory effects.</b> As
 * {@link CallbackTask}.
 */
@FunctionalInterface
public interface CallbackFunction {

  /**
   * Called on the loop, or with {@link CallbackStatus#CANCELLED} by the thread that closes it. What
   * it throws goes to the uncaught handler, under the name of the task.
   *
   * @param context the dispatcher and the task
   * @param status whether it is its turn
   */
  void call(CallbackContext context, CallbackStatus status);
}
