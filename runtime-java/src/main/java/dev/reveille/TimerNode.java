package dev.reveille;

/**
 * What the {@link TimerWheel} holds: a poll {@link Timer} or a {@link TimedPost}. Driver only.
 *
 * <p>It is no inbox node: a {@code Timer} would have a link that it never needs. A foreign thread
 * that arms or cancels a {@code TimedPost} sends a {@link TimedPost.Message}.
 */
abstract class TimerNode {
  /**
   * The wheel's number for it, which is positive, while it is armed; else zero, or what a subclass
   * makes of it, which is negative. It may change while the timer is armed.
   */
  int number;

  final boolean isArmed() {
    return number > 0;
  }

  /**
   * Called by the loop when the node is due and has been unlinked. Queues or wakes; runs nothing.
   */
  abstract void fire(Loop loop);
}
