package dev.reveille.benchmarks;

import java.time.Duration;

/**
 * How long to measure.
 *
 * @param rounds how often each competitor gets a new JVM
 * @param warmUps iterations before those that count
 * @param iterations that count
 * @param iteration how long each is
 */
public record Effort(int rounds, int warmUps, int iterations, Duration iteration) {
  /** What the targets are judged by. */
  public static final Effort FULL = new Effort(5, 5, 5, Duration.ofMillis(500));

  /** A look. */
  public static final Effort QUICK = new Effort(1, 4, 3, Duration.ofMillis(300));

  /** Refuses what measures nothing. */
  public Effort {
    if (rounds < 1 || warmUps < 0 || iterations < 1 || iteration.toMillis() < 1) {
      throw new IllegalArgumentException(
          "%d rounds, %d warm-ups and %d iterations of %s measure nothing"
              .formatted(rounds, warmUps, iterations, iteration));
    }
  }

  /** As long, but so often. */
  public Effort withRounds(int number) {
    return new Effort(number, warmUps, iterations, iteration);
  }

  /** Whether a look is enough. */
  public boolean isQuick() {
    return iteration.compareTo(FULL.iteration) < 0;
  }
}
