package dev.reveille.sync;

import org.jspecify.annotations.Nullable;

/**
 * One who waits to send a value, or to reserve a place.
 *
 * <p>Idle: not queued, not granted. Waiting: queued, with the value unless it reserves. Granted:
 * not queued; the value went, or the place is counted as taken.
 */
final class SendNode<T> extends ChannelWaiter {
  /** What it offers; null as soon as it went. */
  @Nullable T value;

  /** A place is wanted, or granted, instead. Set by the owner as long as that is pending. */
  boolean reserves;

  boolean granted;
}
