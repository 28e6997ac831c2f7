package dev.reveille.benchmarks.timer;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Netty's {@code HashedWheelTimer} with ticks of a millisecond. Used from outside its thread. */
final class HashedWheelTimers implements Timers {
  private final HashedWheelTimer timer = new HashedWheelTimer(1, TimeUnit.MILLISECONDS, 4096);
  private @Nullable Timeout moved;

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
    schedule(delayNanos).cancel();
  }

  @Override
  public void rearm(long delayNanos) {
    if (moved != null) {
      moved.cancel();
    }
    moved = schedule(delayNanos);
  }

  private Timeout schedule(long delayNanos) {
    return timer.newTimeout(timeout -> {}, delayNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public long armed() {
    return -1; // it tells those that it has not yet thrown away, too
  }

  @Override
  public void fire(Expiries expiries) throws InterruptedException {
    for (int i = 0; i < expiries.count(); i++) {
      Expiry expiry = expiries.get(i);
      timer.newTimeout(expiry, expiry.delay(), TimeUnit.NANOSECONDS);
    }
    expiries.awaitAll();
  }

  @Override
  public void close() {
    timer.stop();
  }
}
