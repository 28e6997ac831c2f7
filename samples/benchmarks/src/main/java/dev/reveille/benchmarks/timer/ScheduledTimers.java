package dev.reveille.benchmarks.timer;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code ScheduledThreadPoolExecutor} with one thread, which takes out what is cancelled. Used from
 * outside its thread.
 */
final class ScheduledTimers implements Timers {
  private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
  private @Nullable ScheduledFuture<?> moved;

  ScheduledTimers() {
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public void use(Runnable work) {
    work.run();
  }

  @Override
  public void arm(long delayNanos) {
    schedule(delayNanos);
  }

  @Override
  public void armAndCancel(long delayNanos) {
    schedule(delayNanos).cancel(false);
  }

  @Override
  public void rearm(long delayNanos) {
    if (moved != null) {
      moved.cancel(false);
    }
    moved = schedule(delayNanos);
  }

  private ScheduledFuture<?> schedule(long delayNanos) {
    return executor.schedule(() -> {}, delayNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public long armed() {
    return executor.getQueue().size();
  }

  @Override
  public void fire(Expiries expiries) throws InterruptedException {
    for (int i = 0; i < expiries.count(); i++) {
      Expiry expiry = expiries.get(i);
      executor.schedule(expiry, expiry.delay(), TimeUnit.NANOSECONDS);
    }
    expiries.awaitAll();
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
