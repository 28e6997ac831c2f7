package dev.reveille.sync;

import org.jspecify.annotations.Nullable;

/**
 * One who waits to send a value, or to reserve a place.
 *
 * <p>Idle: not queued, not granted. Waiting: queued, with the value unless it reserves. Granted:
 * not queued; the value went, or the place is counted as taken.
 *
 * <p>The node of an end lives as long as the end, that of an operation is made when it has to wait.
 * Every field is guarded by the channel's lock unless it says something else.
 */
final class SendNode<T> extends Waiter {
  /** What it offers; null as soon as it went. */
  @Nullable T value;

  /**
   * Not guarded, but the owner's: what it has offered, since the channel lets go of {@link #value}.
   */
  @Nullable T offered;

  /** A place is wanted, or granted, instead. Set by the owner as long as that is pending. */
  boolean reserves;

  boolean granted;

  /**
   * The end is closed: its node must not be queued again. Written under the lock; volatile for
   * those who only ask, which go without.
   */
  volatile boolean retired;
}
