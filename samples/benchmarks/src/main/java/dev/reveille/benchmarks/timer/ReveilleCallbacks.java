package dev.reveille.benchmarks.timer;

import dev.reveille.BasicDispatcher;
import dev.reveille.TimedPost;
import org.jspecify.annotations.Nullable;

/** Ours, with callbacks: each is a new object that any thread may cancel. */
final class ReveilleCallbacks implements Timers {
  private final BasicDispatcher dispatcher = new BasicDispatcher();
  private final long origin = dispatcher.ticker().read();
  private @Nullable TimedPost moved;

  @Override
  public void use(Runnable work) {
    dispatcher.post(work);
    dispatcher.runUntilStalled();
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

  private TimedPost schedule(long delayNanos) {
    return dispatcher.postAt(origin + delayNanos, () -> {});
  }

  @Override
  public long armed() {
    return dispatcher.snapshot().timedCallbacks();
  }

  @Override
  public void fire(Expiries expiries) {
    throw new UnsupportedOperationException("as ReveilleTimers");
  }

  @Override
  public void close() {
    dispatcher.close();
  }
}
