package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Sums and conversions of nanoseconds that saturate: too far is {@link #NEVER}, not the past. For
 * who works with the deadlines of a {@link Ticker}.
 *
 * <pre>{@code
 * long deadline = Nanos.add(dispatcher.ticker().read(), Nanos.of(timeout));
 * TimedPost late = dispatcher.postAt(deadline, () -> log.add("too late"));
 * }</pre>
 *
 * <p><b>Threading.</b> Any thread.
 */
public final class Nanos {
  /** A deadline beyond the end of time. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long PER_SECOND = 1_000_000_000L;

  private Nanos() {}

  /**
   * The sum.
   *
   * @param a nanoseconds
   * @param b nanoseconds
   * @return their sum, or the bound of {@code long} that it would be beyond
   */
  public static long add(long a, long b) {
    long sum = a + b;
    return ((a ^ sum) & (b ^ sum)) < 0 ? (a < 0 ? Long.MIN_VALUE : NEVER) : sum;
  }

  /**
   * The difference.
   *
   * @param a nanoseconds
   * @param b nanoseconds
   * @return {@code a} less {@code b}, or the bound of {@code long} that it would be beyond
   */
  public static long subtract(long a, long b) {
    long difference = a - b;
    return ((a ^ b) & (a ^ difference)) < 0 ? (a < 0 ? Long.MIN_VALUE : NEVER) : difference;
  }

  /**
   * A duration in nanoseconds.
   *
   * @param duration how long
   * @return its nanoseconds, or the bound of {@code long} that they would be beyond
   */
  public static long of(Duration duration) {
    requireNonNull(duration, "duration");
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
