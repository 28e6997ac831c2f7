package dev.reveille.benchmarks.timer;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.CountDownLatch;

/** {@code setTimer} of Vert.x, which has milliseconds, on an event-loop context. */
final class VertxTimers implements Timers {
  private static final long MILLI = 1_000_000;
  private static final long NONE = -1;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private long moved = NONE;

  @Override
  public void use(Runnable work) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    context.runOnContext(
        nothing -> {
          work.run();
          done.countDown();
        });
    done.await();
  }

  @Override
  public void arm(long delayNanos) {
    schedule(delayNanos);
  }

  @Override
  public void armAndCancel(long delayNanos) {
    vertx.cancelTimer(schedule(delayNanos));
  }

  @Override
  public void rearm(long delayNanos) {
    if (moved != NONE) {
      vertx.cancelTimer(moved);
    }
    moved = schedule(delayNanos);
  }

  private long schedule(long delayNanos) {
    return vertx.setTimer(delayNanos / MILLI, id -> {});
  }

  @Override
  public long armed() {
    return -1;
  }

  @Override
  public void fire(Expiries expiries) throws InterruptedException {
    context.runOnContext(
        nothing -> {
          for (int i = 0; i < expiries.count(); i++) {
            Expiry expiry = expiries.get(i);
            vertx.setTimer(expiry.delay() / MILLI + 1, expiry); // rounded up, and at least 1
          }
        });
    expiries.awaitAll();
  }

  @Override
  public void close() {
    vertx.close();
  }
}
