package dev.reveille;

import java.time.Duration;

/** Sums and conversions of nanoseconds that saturate: too far is {@link #NEVER}, not the past. */
final class Nanos {
  /** A deadline beyond the end of time. */
  static final long NEVER = Long.MAX_VALUE;

  private static final long PER_SECOND = 1_000_000_000L;

  private Nanos() {}

  static long add(long a, long b) {
    long sum = a + b;
    return ((a ^ sum) & (b ^ sum)) < 0 ? (a < 0 ? Long.MIN_VALUE : NEVER) : sum;
  }

  static long subtract(long a, long b) {
    long difference = a - b;
    return ((a ^ b) & (a ^ difference)) < 0 ? (a < 0 ? Long.MIN_VALUE : NEVER) : difference;
  }

  static long of(Duration duration) {
    long seconds = duration.getSeconds();
    if (seconds >= Long.MAX_VALUE / PER_SECOND) {
      return NEVER;
    }
    if (seconds <= Long.MIN_VALUE / PER_SECOND) {
      return Long.MIN_VALUE;
    }
    return seconds * PER_SECOND + duration.getNano();
  }
}
