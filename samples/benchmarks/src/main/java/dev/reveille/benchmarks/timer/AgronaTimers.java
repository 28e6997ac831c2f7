package dev.reveille.benchmarks.timer;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DeadlineTimerWheel;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Agrona's {@code DeadlineTimerWheel} with ticks of a millisecond, and a spoke for every two that
 * are armed: it looks through a spoke for a place, and 16 in one cost it twice to four times as
 * much. It knows timers by a number; who they are is the caller's to remember.
 */
final class AgronaTimers implements Timers {
  /** 1.05 ms; it asks for a power of two. */
  private static final long TICK = 1L << 20;

  private static final int LEAST_SPOKES = 1024;
  private static final int PLACES = 4;
  private static final int AT_ONCE = 1000;

  private final long origin = System.nanoTime();
  private final DeadlineTimerWheel wheel;
  private long moved = DeadlineTimerWheel.NULL_DEADLINE;

  AgronaTimers(int armed) {
    int spokes = Math.max(LEAST_SPOKES, Integer.highestOneBit(armed));
    wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, origin, TICK, spokes, PLACES);
  }

  @Override
  public void use(Runnable work) {
    work.run();
  }

  @Override
  public void arm(long delayNanos) {
    wheel.scheduleTimer(origin + delayNanos);
  }

  @Override
  public void armAndCancel(long delayNanos) {
    wheel.cancelTimer(wheel.scheduleTimer(origin + delayNanos));
  }

  @Override
  public void rearm(long delayNanos) {
    if (moved != DeadlineTimerWheel.NULL_DEADLINE) {
      wheel.cancelTimer(moved);
    }
    moved = wheel.scheduleTimer(origin + delayNanos);
  }

  @Override
  public long armed() {
    return wheel.timerCount();
  }

  @Override
  public void fire(Expiries expiries) {
    wheel.currentTickTime(System.nanoTime());
    Long2ObjectHashMap<Expiry> byTimer = new Long2ObjectHashMap<>();
    for (int i = 0; i < expiries.count(); i++) {
      Expiry expiry = expiries.get(i);
      byTimer.put(wheel.scheduleTimer(expiry.deadline), expiry);
    }
    while (!expiries.isOver()) {
      long now = System.nanoTime();
      int fired =
          wheel.poll(
              now,
              (unit, at, timer) -> {
                byTimer.remove(timer).run();
                return true;
              },
              AT_ONCE);
      long untilTick = wheel.currentTickTime() - now;
      if (fired == 0 && untilTick > 0) {
        LockSupport.parkNanos(untilTick);
      }
    }
  }

  @Override
  public void close() {
    // It has no thread.
  }
}
