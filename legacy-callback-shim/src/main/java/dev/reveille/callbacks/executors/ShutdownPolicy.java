package dev.reveille.callbacks.executors;

/**
 * What becomes of what has been scheduled when a {@link DispatcherExecutorService} is shut down:
 * the policies of {@link java.util.concurrent.ScheduledThreadPoolExecutor}, fixed for the life of a
 * view. What was submitted without a delay, or is due, always runs.
 *
 * <p>The third one of that class, {@code setRemoveOnCancelPolicy}, is always on: what is cancelled
 * is gone at once.
 *
 * <pre>{@code
 * ShutdownPolicy hurry = ShutdownPolicy.defaults().withExecuteExistingDelayedTasks(false);
 * DispatcherExecutorService executor = DispatcherExecutorService.of(dispatcher, hurry);
 * Future<?> reminder = executor.schedule(() -> log.add("reminder"), 1, TimeUnit.HOURS);
 * executor.shutdown(); // nobody waits an hour: the reminder is cancelled
 * }</pre>
 *
 * @param executeExistingDelayedTasks whether what waits for its one run still gets it; else it is
 *     cancelled. {@link java.util.concurrent.ScheduledThreadPoolExecutor
 *     #setExecuteExistingDelayedTasksAfterShutdownPolicy}
 * @param continueExistingPeriodicTasks whether what is periodic goes on until it is cancelled, or
 *     the view is shut down now, or the dispatcher itself is shut down; else it is cancelled.
 *     {@link java.util.concurrent.ScheduledThreadPoolExecutor
 *     #setContinueExistingPeriodicTasksAfterShutdownPolicy}
 */
public record ShutdownPolicy(
    boolean executeExistingDelayedTasks, boolean continueExistingPeriodicTasks) {
  private static final ShutdownPolicy DEFAULTS = new ShutdownPolicy(true, false);

  /**
   * The defaults of {@link java.util.concurrent.ScheduledThreadPoolExecutor}: what is delayed runs,
   * what is periodic ends.
   *
   * @return the policy
   */
  public static ShutdownPolicy defaults() {
    return DEFAULTS;
  }

  /**
   * The same with another policy for what is delayed.
   *
   * @param value whether it still runs
   * @return a copy
   */
  public ShutdownPolicy withExecuteExistingDelayedTasks(boolean value) {
    return new ShutdownPolicy(value, continueExistingPeriodicTasks);
  }

  /**
   * The same with another policy for what is periodic.
   *
   * @param value whether it goes on
   * @return a copy
   */
  public ShutdownPolicy withContinueExistingPeriodicTasks(boolean value) {
    return new ShutdownPolicy(executeExistingDelayedTasks, value);
  }
}
