package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * What the {@link TimerWheel} holds: a poll {@link Timer} or a {@link TimedPost}. The fields belong
 * to the wheel; driver only.
 *
 * <p>It is an inbox node for the sake of {@code TimedPost}; a {@code Timer} is never in the inbox.
 */
abstract class TimerNode extends InboxNode {
  /** When to fire, counted from the wheel's origin. */
  long due;

  /**
   * The list that it is linked into, or one of the constants of the wheel. A short, and the flags
   * of subclasses fit beside it: so a timer has 48 bytes, and not 56.
   */
  short place = TimerWheel.UNARMED;

  @Nullable TimerNode before;
  @Nullable TimerNode after;

  final boolean isArmed() {
    return place != TimerWheel.UNARMED;
  }

  /**
   * Called by the loop when the node is due and has been unlinked. Queues or wakes; runs nothing.
   */
  abstract void fire(Loop loop);
}
