package dev.reveille.contract;

import dev.reveille.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test sets, also from inside a poll, and that counts how often it is read. */
public final class ManualTicker implements Ticker {
  private final AtomicLong now = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();

  /** Creates a clock that stands at zero. */
  public ManualTicker() {}

  @Override
  public long read() {
    reads.getAndIncrement();
    return now.get();
  }

  /**
   * Moves time, and tells nobody.
   *
   * @param duration how far
   */
  public void move(Duration duration) {
    now.getAndAdd(duration.toNanos());
  }

  /**
   * How often it was read.
   *
   * @return the number
   */
  public long reads() {
    return reads.get();
  }
}
