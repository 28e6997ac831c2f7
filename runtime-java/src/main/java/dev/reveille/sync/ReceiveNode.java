package dev.reveille.sync;

import org.jspecify.annotations.Nullable;

/**
 * One who waits for a value behind others, or a thread. Guarded by the channel's lock.
 *
 * <p>Idle: not queued, no value. Waiting: queued. Granted: not queued, with the value, which is its
 * own, and which it has to pass on if it gives up.
 */
final class ReceiveNode<T> extends Waiter {
  @Nullable T value;

  @Nullable T takeValue() {
    T v = value;
    if (v != null) {
      value = null;
    }
    return v;
  }
}
