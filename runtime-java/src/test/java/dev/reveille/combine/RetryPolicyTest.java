package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Nanos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers. */
final class RetryPolicyTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final long NANOS = SECOND.toNanos();

  private final RetryPolicy policy =
      RetryPolicy.defaults().withBackoff(SECOND, 2, Duration.ofSeconds(60));

  @Test
  void withoutJitterAWaitIsWhatItIs() {
    assertThat(policy.withJitter(NANOS)).isEqualTo(NANOS);
  }

  @Test
  void jitterTakesOffUpToItsShareAndNeverAdds() {
    RetryPolicy half = policy.withJitter(0.5, new SplittableRandom(1));
    long min = Long.MAX_VALUE;
    long max = 0;
    for (int i = 0; i < 10_000; i++) {
      long wait = half.withJitter(NANOS);
      min = Math.min(min, wait);
      max = Math.max(max, wait);
    }

    assertThat(min).isBetween(NANOS / 2, NANOS / 2 + NANOS / 100);
    assertThat(max).isBetween(NANOS - NANOS / 100, NANOS);
  }

  @Test
  void aSeedMakesTheWaitsRepeatable() {
    assertThat(waits(7)).isEqualTo(waits(7)).isNotEqualTo(waits(8));
  }

  private List<Long> waits(long seed) {
    RetryPolicy full = policy.withJitter(1, new SplittableRandom(seed));
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waits.add(full.withJitter(NANOS));
    }
    return waits;
  }

  @Test
  void neverStaysNever() {
    RetryPolicy full = policy.withJitter(1, new SplittableRandom(1));

    assertThat(full.withJitter(Nanos.NEVER)).isEqualTo(Nanos.NEVER);
    RetryPolicy endless =
        policy.withBackoff(SECOND, Double.MAX_VALUE, Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(endless.nextNanos(NANOS)).isEqualTo(Nanos.NEVER);
    assertThat(endless.nextNanos(Nanos.NEVER)).isEqualTo(Nanos.NEVER);
  }

  @Test
  void theDefaultsAreWhatTheyAreSaidToBe() {
    RetryPolicy defaults = RetryPolicy.defaults();

    assertThat(defaults.attempts()).isEqualTo(3);
    assertThat(defaults.firstNanos()).isEqualTo(100_000_000);
    assertThat(defaults.nextNanos(100_000_000)).isEqualTo(200_000_000);
    assertThat(defaults.jitter()).isZero();
  }

  @Test
  void whatIsOutOfItsRangeIsRefusedByName() {
    assertThatThrownBy(() -> policy.withAttempts(0)).hasMessage("attempts: at least 1, not 0");
    assertThatThrownBy(() -> policy.withBackoff(SECOND.negated(), 2, SECOND))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("firstDelay");
    assertThatThrownBy(() -> policy.withBackoff(SECOND, 2, SECOND.dividedBy(2)))
        .hasMessageStartingWith("maxDelay");
    assertThatThrownBy(() -> new RetryPolicy(1, SECOND, 1, SECOND, 0.5, null, exception -> true))
        .hasMessageStartingWith("jitter");
    assertThatThrownBy(() -> policy.withJitter(1, null)).isInstanceOf(NullPointerException.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.9, 0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void aFactorIsFiniteAndNotBelowOne(double factor) {
    assertThatThrownBy(() -> policy.withBackoff(SECOND, factor, SECOND))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("factor");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void aJitterIsAShare(double jitter) {
    assertThatThrownBy(() -> policy.withJitter(jitter, new SplittableRandom()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("jitter");
  }
}
