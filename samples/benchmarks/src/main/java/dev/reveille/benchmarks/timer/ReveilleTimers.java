package dev.reveille.benchmarks.timer;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.Timer;
import java.time.Duration;

/** Ours: a {@link Timer} for what a task waits for, {@code postAt} for callbacks. */
final class ReveilleTimers implements Timers {
  private final BasicDispatcher dispatcher;
  private final long origin;
  private final Timer moved;

  ReveilleTimers(int slackMillis) {
    dispatcher =
        new BasicDispatcher(
            DispatcherOptions.defaults().withTimerSlack(Duration.ofMillis(slackMillis)));
    origin = dispatcher.ticker().read();
    moved = new Timer(dispatcher);
  }

  @Override
  public void use(Runnable work) {
    dispatcher.post(work);
    dispatcher.runUntilStalled();
  }

  @Override
  public void arm(long delayNanos) {
    new Timer(dispatcher).resetAt(origin + delayNanos);
  }

  @Override
  public void armAndCancel(long delayNanos) {
    Timer timer = new Timer(dispatcher);
    timer.resetAt(origin + delayNanos);
    timer.cancel();
  }

  @Override
  public void rearm(long delayNanos) {
    moved.resetAt(origin + delayNanos);
  }

  @Override
  public long armed() {
    return -1;
  }

  @Override
  public void fire(Expiries expiries) {
    long nanoTime = System.nanoTime();
    long ahead = dispatcher.ticker().read() - nanoTime; // read later: never early
    dispatcher.post(
        () -> {
          for (int i = 0; i < expiries.count(); i++) {
            Expiry expiry = expiries.get(i);
            dispatcher.postAt(expiry.deadline + ahead, expiry);
          }
        });
    dispatcher.runToCompletion();
  }

  @Override
  public void close() {
    dispatcher.close();
  }
}
