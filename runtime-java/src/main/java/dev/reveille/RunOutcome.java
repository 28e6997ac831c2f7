package dev.reveille;

/** Why a run of a {@link RunnableDispatcher} returned. */
public enum RunOutcome {
  /** No work is left: no task, callback, armed callback timer or guard. */
  IDLE,
  /** Work is left, and all of it waits for an event or a deadline. */
  ASLEEP,
  /** The step limit was reached: a task keeps waking itself. The dump names it. */
  STEP_LIMIT,
  /** {@link Dispatcher#stop} was called. */
  STOPPED,
  /** The time given to {@code runFor} is over. */
  TIME_UP,
  /** The dispatcher is closed. */
  CLOSED
}
