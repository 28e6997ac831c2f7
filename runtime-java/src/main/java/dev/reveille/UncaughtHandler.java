package dev.reveille;

/**
 * Where failures go that nobody waits for: of a task that nobody joined, of a callback, of a {@code
 * cleanup()} or a cancel action.
 *
 * <p><b>Threading.</b> Called on the loop, between polls. What it throws is logged, together with
 * the failure it was called for; the loop goes on.
 *
 * <p>A handler that ends the run at an error:
 *
 * <pre>{@code
 * UncaughtHandler handler =
 *     (dispatcher, name, failure) -> {
 *       log.add(name + ": " + failure.getMessage());
 *       if (failure instanceof Error) {
 *         dispatcher.stop(); // this program goes no further; the loop would
 *       }
 *     };
 * var options = DispatcherOptions.defaults().withUncaughtHandler(handler);
 * }</pre>
 */
@FunctionalInterface
public interface UncaughtHandler {

  /**
   * Takes a failure.
   *
   * @param dispatcher where it happened
   * @param name the task, or the callback's class
   * @param failure what was thrown
   */
  void uncaught(Dispatcher dispatcher, String name, Throwable failure);
}
