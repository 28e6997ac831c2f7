package dev.reveille.sync;

import org.jspecify.annotations.Nullable;

/**
 * One who waits at a channel. That of a sender lives as long as the sender; others are made when
 * they are needed: for an operation that has to wait, for a receiver behind others, for a thread.
 *
 * <p>One who waits for a value. Idle: not queued, no value. Waiting: queued. Granted: not queued,
 * with the value, which is its own, and which it has to pass on if it gives up.
 *
 * <p>One who waits to send a value, or to reserve a place. Idle: not queued, not granted. Waiting:
 * queued, with the value unless it reserves. Granted: not queued; the value went, or the place is
 * counted as taken.
 *
 * <p>Every field is guarded by the channel's lock unless it says something else.
 */
final class ChannelNode<T> extends Waiter {
  /** What it offers, null as soon as it went; or what it was handed. */
  @Nullable T value;

  /**
   * Not guarded, but the owner's: what an operation offers, since the channel lets go of {@link
   * #value}.
   */
  @Nullable T offered;

  /** A place is wanted, or granted, instead. Set by the owner as long as that is pending. */
  boolean reserves;

  /** It went, or the place is its own. */
  boolean granted;

  /**
   * The sender is closed: its node must not be queued again. Written under the lock; volatile for
   * those who only ask, which go without.
   */
  volatile boolean retired;

  @Nullable T takeValue() {
    T v = value;
    if (v != null) {
      value = null;
    }
    return v;
  }
}
