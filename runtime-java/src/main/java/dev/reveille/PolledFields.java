package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * What a hop of a task touches of its {@link Posting}, and nothing else: the fields of a superclass
 * lie in front of those of its subclass, so these and the header are the first 48 bytes of the
 * object, in one cache line or two. What belongs to each of them is said at {@link Posting}.
 */
abstract class PolledFields extends InboxNode {
  /** The slot of a posting that was accepted from a foreign thread and not taken yet. */
  static final int UNREGISTERED = -2;

  int slot = UNREGISTERED;

  /** When its last poll began, on the clock the loop last read. */
  long since;

  int polls;

  /** In the run queue. */
  boolean queued;

  /** Whether this poll has asked for its waker, or to park. */
  boolean asked;

  /** Was polled, so {@code init()} is over. A flag, since {@link #polls} comes round to zero. */
  boolean begun;

  /** Set by {@link Posting#requestCancel}, obeyed by the loop in a turn of its own. */
  volatile boolean cancelRequested;

  @Nullable Loop loop;
  @Nullable Pollable<?> body;

  /**
   * Why it sleeps: what was last given to {@link Posting#waker}. While it is not asleep this means
   * nothing.
   */
  @Nullable String reason;
}
