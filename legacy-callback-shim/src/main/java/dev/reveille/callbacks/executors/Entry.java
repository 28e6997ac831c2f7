package dev.reveille.callbacks.executors;

/**
 * What a view was given and has not done with: a {@link Command} or a {@link ViewTask}. Whoever
 * takes it out of the {@link ViewLife} has it to himself.
 */
interface Entry {

  /** Counts what the view was given, in the order of submission. */
  long number();

  /** What it is, for messages. */
  String name();

  /** The view is shut down: what would go on for ever ends. */
  void viewShutDown();

  /** Makes it free for the caller of {@code shutdownNow}. Returns what he gets for it. */
  Runnable handOver();
}
