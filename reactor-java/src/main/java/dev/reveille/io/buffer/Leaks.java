package dev.reveille.io.buffer;

import java.lang.System.Logger;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds leases that became garbage while they held a buffer. There is only such an object where
 * leak reports are on; and no thread: the pool looks into the queue when it is used.
 *
 * <p>Why what is found is the place in the pool, and not the buffer: who dropped the lease may
 * still have the buffer, and two who write into one buffer are worse than a leak. The buffer is the
 * garbage collector's when the last reference to it is gone; the trackers have none.
 */
final class Leaks {
  private static final Logger LOGGER = System.getLogger("dev.reveille.io.buffer");

  final ReferenceQueue<BufferLease> garbage = new ReferenceQueue<>();

  /** Keeps the trackers alive: the collector enqueues only references that it can reach. */
  final Set<LeakTracker> alive = ConcurrentHashMap.newKeySet();

  private final AtomicInteger found = new AtomicInteger();

  /** Found, had a pooled buffer, and not yet known to the loop, which may allocate another one. */
  private final AtomicInteger places = new AtomicInteger();

  private final Consumer<? super Throwable> handler;
  private final String message;

  Leaks(String pool, Consumer<? super Throwable> handler) {
    this.handler = handler;
    this.message =
        "a buffer of pool '"
            + pool
            + "' leaked: its lease became garbage, and was not closed; the lease was acquired here";
  }

  Throwable here() {
    return new Throwable(message);
  }

  LeakTracker track(BufferLease lease, @Nullable Throwable acquiredAt, boolean pooled) {
    LeakTracker tracker =
        new LeakTracker(this, lease, acquiredAt == null ? here() : acquiredAt, pooled);
    alive.add(tracker);
    return tracker;
  }

  /** Reports those that were found since the last call. Any thread. */
  void report() {
    for (Object o = garbage.poll(); o != null; o = garbage.poll()) {
      LeakTracker tracker = (LeakTracker) o;
      if (alive.remove(tracker)) {
        found.incrementAndGet();
        if (tracker.pooled) {
          places.incrementAndGet();
        }
        tell(tracker.acquiredAt);
      }
    }
  }

  int takePlaces() {
    return places.get() == 0 ? 0 : places.getAndSet(0);
  }

  /** Reports it. Whoever borrows or gives back is not to suffer for a report that fails. */
  void tell(Throwable leak) {
    try {
      handler.accept(leak);
    } catch (RuntimeException e) {
      e.addSuppressed(leak);
      LOGGER.log(Logger.Level.ERROR, "the leak handler failed", e);
    }
  }

  int found() {
    return found.get();
  }
}
