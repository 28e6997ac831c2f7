package dev.reveille;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A platform made of a semaphore and nothing else, with what the public API gives to platform
 * authors. It counts the wake-ups that the loop asks for.
 */
final class HandmadeDispatcher extends RunnableDispatcher {
  private final Semaphore permits = new Semaphore(0);
  private final AtomicInteger wakeups = new AtomicInteger();
  private final AtomicInteger parks = new AtomicInteger();

  HandmadeDispatcher(DispatcherOptions options) {
    super(options);
  }

  @Override
  protected void park(long nanos) throws InterruptedException {
    parks.getAndIncrement();
    if (nanos == Long.MAX_VALUE) {
      permits.acquire();
    } else if (nanos > 0 && !permits.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
      return; // the time is over
    }
    permits.drainPermits();
  }

  @Override
  protected void wakeLoop() {
    wakeups.getAndIncrement();
    permits.release();
  }

  int wakeups() {
    return wakeups.get();
  }

  int parks() {
    return parks.get();
  }
}
