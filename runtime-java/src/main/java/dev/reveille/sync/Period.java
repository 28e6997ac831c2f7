package dev.reveille.sync;

import dev.reveille.Nanos;
import java.time.Duration;

/** A positive duration in nanoseconds; the ends of periods that do not fit a long are never. */
record Period(long nanos) {
  static Period of(String operator, Duration duration) {
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException(operator + ": the duration must be positive: " + duration);
    }
    return new Period(Nanos.of(duration));
  }

  /** One period after a time of a ticker. */
  long after(long time) {
    return Nanos.add(time, nanos);
  }

  /** So many periods after a time of a ticker. */
  long times(long count, long time) {
    try {
      return Math.addExact(time, Math.multiplyExact(count, nanos));
    } catch (ArithmeticException e) {
      return Nanos.NEVER;
    }
  }
}
