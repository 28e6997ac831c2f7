package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Operation;
import dev.reveille.Pollable;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Tries again what has failed.
 *
 * <pre>{@code
 * RetryPolicy policy =
 *     RetryPolicy.defaults()
 *         .withAttempts(5)
 *         .withBackoff(Duration.ofMillis(50), 2, Duration.ofSeconds(5))
 *         .withJitter(0.5, random)
 *         .withRetries(e -> e instanceof IOException);
 * Pollable<String> reply = Retry.of(policy).run(() -> client.request("ping"));
 * }</pre>
 *
 * <p>Each attempt polls a fresh pollable. Ready with the value of the first one that succeeds.
 * Pending while an attempt is, and between two of them, when a timer of the loop wakes. Throws the
 * last failure when the attempts are used up, or at once a failure that the policy does not retry
 * (an {@link Error} never is); with the earlier failures suppressed in it, oldest first, of which
 * the last eight are kept and the others counted.
 *
 * <p><b>Stop.</b> When the stop token of the task is stopped, no further attempt is made: a running
 * one that is not ready in that poll is cancelled, the timer is disarmed, and {@link
 * CancellationException} is thrown, with the failures so far suppressed. The value of an attempt
 * that is ready in the same poll wins.
 *
 * <p>{@code cancel} disarms the timer and cancels the attempt.
 *
 * <p><b>Threading.</b> Immutable; what {@link #run} returns is on the loop, as every {@link
 * Pollable}, and makes its attempts there.
 */
public final class Retry {
  private final RetryPolicy policy;

  private Retry(RetryPolicy policy) {
    this.policy = requireNonNull(policy, "policy");
  }

  /**
   * Retries under a policy.
   *
   * @param policy how often and when
   * @return for {@link #run}
   */
  public static Retry of(RetryPolicy policy) {
    return new Retry(policy);
  }

  /**
   * Runs attempts, from the first poll on.
   *
   * @param <T> the type of the value
   * @param attempt makes the pollable of an attempt; what it throws is the failure of that attempt
   * @return the retry, as this class says
   */
  public <T extends @Nullable Object> Operation<T> run(
      Callable<? extends Pollable<? extends T>> attempt) {
    return new Retrying<>(policy, attempt);
  }
}
