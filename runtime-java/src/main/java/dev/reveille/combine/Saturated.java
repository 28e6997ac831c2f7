package dev.reveille.combine;

import java.time.Duration;

/** Nanoseconds that do not wrap: too far is {@link #NEVER}, not the past. */
final class Saturated {
  static final long NEVER = Long.MAX_VALUE;

  private Saturated() {}

  /** What is negative counts as zero: it is over. */
  static long nanos(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) { // that is its only meaning
      return NEVER;
    }
  }

  /** The moment so long after another. */
  static long after(long moment, long nanos) {
    long sum = moment + nanos;
    return nanos >= 0 && sum < moment ? NEVER : sum;
  }
}
