package dev.reveille.sync;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait at a channel: {@code blocking…}.
 *
 * <p>A thread that gives up, because its time is over or it was interrupted, leaves the queue under
 * the channel's lock. What it had been granted by then is its result: a value that came is
 * returned, a value that went was sent. (Pigweed's {@code BlockingReceive} does not look again, and
 * drops a value that came with the time-out.)
 */
final class BlockingTransfer {
  private BlockingTransfer() {}

  /** Returns false if the time is over and the value did not go. */
  static <T> boolean send(ChannelCore<T> core, T value, long nanos) throws InterruptedException {
    ThreadWaker thread = new ThreadWaker(); // first: it refuses a loop
    refuseInterrupted(core);
    if (nanos <= 0) {
      return sent(core, core.trySend(null, value), value);
    }
    ChannelNode<T> node = new ChannelNode<>();
    long start = start(nanos);
    for (; ; ) {
      if (sent(core, core.sendOrWait(node, value, thread), value)) {
        return true;
      }
      if (Thread.interrupted()) {
        if (core.cancelSend(node)) {
          throw new InterruptedException("interrupted while waiting for " + core.names.place);
        }
        Thread.currentThread().interrupt(); // it went first
        return true;
      }
      if (!park(core, start, nanos)) {
        return !core.cancelSend(node);
      }
    }
  }

  private static <T> boolean sent(ChannelCore<T> core, TrySendResult result, T value) {
    if (result == TrySendResult.CLOSED) {
      throw core.closedFor(value);
    }
    return result == TrySendResult.SENT;
  }

  /** Returns null if the time is over, or if the channel is closed and nothing is left. */
  static <T> @Nullable T receive(ChannelCore<T> core, long nanos) throws InterruptedException {
    ThreadWaker thread = new ThreadWaker(); // first: it refuses a loop
    refuseInterrupted(core);
    if (nanos <= 0) {
      return core.tryReceive(null);
    }
    ChannelNode<T> node = new ChannelNode<>();
    long start = start(nanos);
    for (; ; ) {
      if (core.receiveOrWait(node, thread)) {
        return node.value;
      }
      if (Thread.interrupted()) {
        T value = core.takeOrCancel(node);
        if (value == null) {
          throw new InterruptedException("interrupted while waiting for " + core.names.value);
        }
        Thread.currentThread().interrupt(); // it came first
        return value;
      }
      if (!park(core, start, nanos)) {
        return core.takeOrCancel(node);
      }
    }
  }

  private static void refuseInterrupted(ChannelCore<?> core) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before waiting at " + core.names.channel);
    }
  }

  private static long start(long nanos) {
    return nanos == Parking.FOREVER ? 0 : System.nanoTime();
  }

  /** Returns false, at once, if the time is over. The system's clock: a thread has no other. */
  private static boolean park(Object blocker, long start, long nanos) {
    if (nanos == Parking.FOREVER) {
      LockSupport.park(blocker);
      return true;
    }
    long left = nanos - (System.nanoTime() - start);
    if (left <= 0) {
      return false;
    }
    LockSupport.parkNanos(blocker, left);
    return true;
  }
}
