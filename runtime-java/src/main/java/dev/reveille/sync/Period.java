package dev.reveille.sync;

import java.time.Duration;

/** A positive duration in nanoseconds; the ends of periods that do not fit a long are never. */
record Period(long nanos) {
  static final long NEVER = Long.MAX_VALUE;

  static Period of(String operator, Duration duration) {
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException(operator + ": the duration must be positive: " + duration);
    }
    try {
      return new Period(duration.toNanos());
    } catch (ArithmeticException e) {
      return new Period(NEVER); // longer than 292 years
    }
  }

  /** One period after a time of a ticker. */
  long after(long time) {
    return times(1, time);
  }

  /** So many periods after a time of a ticker. */
  long times(long count, long time) {
    try {
      return Math.addExact(time, Math.multiplyExact(count, nanos));
    } catch (ArithmeticException e) {
      return NEVER;
    }
  }
}
