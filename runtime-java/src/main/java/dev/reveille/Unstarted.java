package dev.reveille;

import java.util.List;

/**
 * What {@link Dispatcher#shutdownNow} hands back: accepted, but never begun. The tasks are unposted
 * and may be posted elsewhere; those that were spawned have their handles cancelled. Blocks that an
 * adapter queued went back to the adapter instead.
 *
 * @param tasks tasks that were never polled, in the order of their acceptance
 * @param runnables callbacks that were never run: queued ones in their order, then those that
 *     waited for a deadline, in the order of the deadlines
 */
public record Unstarted(List<Task> tasks, List<Runnable> runnables) {
  static final Unstarted NOTHING = new Unstarted(List.of(), List.of());

  /**
   * Copies the lists.
   *
   * @param tasks tasks that were never polled
   * @param runnables callbacks that were never run
   */
  public Unstarted {
    tasks = List.copyOf(tasks);
    runnables = List.copyOf(runnables);
  }
}
