package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Nanos;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How often a {@link Retry} tries, how long it waits in between, and after which failures.
 *
 * <p>The wait after the first failure is {@code firstDelay}; each one after that is {@code factor}
 * times as long as the one before, but not longer than {@code maxDelay}. Of that, a share of up to
 * {@code jitter}, drawn anew each time, is taken off, so that those who failed together do not come
 * back together: with a jitter of 1 that is the "full jitter", with 0.5 the "equal jitter" of Marc
 * Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015).
 *
 * <p><b>Threading.</b> Immutable. The random generator is used on the loop of whoever retries: one
 * that is shared by loops has to be safe for that.
 *
 * @param attempts how many attempts, the first one included; at least one
 * @param firstDelay how long to wait after the first failure; zero waits for the loop's next turn
 * @param factor by how much each wait is longer than the one before; at least 1
 * @param maxDelay the longest wait; too long for a {@code long} of nanoseconds means never
 * @param jitter the largest share that is taken off a wait, from 0 to 1
 * @param random draws the share; null only if the jitter is 0
 * @param retries which failures are followed by another attempt
 */
public record RetryPolicy(
    int attempts,
    Duration firstDelay,
    double factor,
    Duration maxDelay,
    double jitter,
    @Nullable RandomGenerator random,
    Predicate<? super Exception> retries) {

  /**
   * Checks the values.
   *
   * @param attempts how many attempts, the first one included
   * @param firstDelay how long to wait after the first failure
   * @param factor by how much each wait is longer than the one before
   * @param maxDelay the longest wait
   * @param jitter the largest share that is taken off a wait
   * @param random draws the share
   * @param retries which failures are followed by another attempt
   * @throws IllegalArgumentException if one is out of its range, or a jitter has no generator
   */
  public RetryPolicy {
    requireNonNull(retries, "retries");
    check(attempts >= 1, "attempts: at least 1, not " + attempts);
    check(!firstDelay.isNegative(), "firstDelay: zero or more, not " + firstDelay);
    check(
        maxDelay.compareTo(firstDelay) >= 0,
        "maxDelay: at least firstDelay, " + firstDelay + ", not " + maxDelay);
    check(
        factor >= 1 && factor < Double.POSITIVE_INFINITY,
        "factor: at least 1, and finite, not " + factor);
    check(jitter >= 0 && jitter <= 1, "jitter: from 0 to 1, not " + jitter);
    check(jitter == 0 || random != null, "jitter: needs a random generator");
  }

  private static void check(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /**
   * Three attempts; waits of 100 ms and 200 ms, without jitter; after every exception but those
   * that say that somebody wants it to end: {@link InterruptedException}, {@link
   * CancellationException}.
   *
   * @return a policy to start from
   */
  public static RetryPolicy defaults() {
    return new RetryPolicy(
        3,
        Duration.ofMillis(100),
        2,
        Duration.ofSeconds(30),
        0,
        null,
        e -> !(e instanceof InterruptedException || e instanceof CancellationException));
  }

  /**
   * A copy with another number of attempts.
   *
   * @param value how many attempts, the first one included
   * @return the copy
   */
  public RetryPolicy withAttempts(int value) {
    return new RetryPolicy(value, firstDelay, factor, maxDelay, jitter, random, retries);
  }

  /**
   * A copy with other waits.
   *
   * @param first how long to wait after the first failure
   * @param by by how much each wait is longer than the one before
   * @param max the longest wait
   * @return the copy
   */
  public RetryPolicy withBackoff(Duration first, double by, Duration max) {
    return new RetryPolicy(attempts, first, by, max, jitter, random, retries);
  }

  /**
   * A copy with jitter.
   *
   * @param share the largest share that is taken off a wait
   * @param generator draws it; one with a seed makes the waits repeatable
   * @return the copy
   */
  public RetryPolicy withJitter(double share, RandomGenerator generator) {
    return new RetryPolicy(
        attempts, firstDelay, factor, maxDelay, share, requireNonNull(generator), retries);
  }

  /**
   * A copy that tries again after other failures.
   *
   * @param which whether a failure is followed by another attempt; called on the loop
   * @return the copy
   */
  public RetryPolicy withRetries(Predicate<? super Exception> which) {
    return new RetryPolicy(attempts, firstDelay, factor, maxDelay, jitter, random, which);
  }

  /** The wait after the first failure, in nanoseconds, before jitter. */
  long firstNanos() {
    return Math.max(0, Nanos.of(firstDelay));
  }

  /** The wait after one that was so long, before jitter. The product is a double: no overflow. */
  long nextNanos(long before) {
    double next = before * factor;
    long max = Math.max(0, Nanos.of(maxDelay));
    return next < max ? (long) next : max;
  }

  /** What is left of a wait after jitter. Never means never. */
  long withJitter(long nanos) {
    RandomGenerator r = random;
    if (jitter == 0 || r == null || nanos == Nanos.NEVER) {
      return nanos;
    }
    return nanos - (long) (nanos * jitter * r.nextDouble());
  }
}
