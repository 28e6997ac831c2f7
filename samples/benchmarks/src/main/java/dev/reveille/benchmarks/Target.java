package dev.reveille.benchmarks;

import java.util.OptionalDouble;
import java.util.Set;

/**
 * What is to be reached in a case.
 *
 * @param ratio the best peer's time over ours, at least
 * @param floorRatio our time over the floor's, at most
 * @param bytes that ours allocates for an operation, at most
 * @param nanos our time itself, at most: where it is a share of a core that counts
 * @param against the peers that the ratio is meant against, and that the best one is chosen from;
 *     empty: all. The others are shown beside.
 */
public record Target(
    OptionalDouble ratio,
    OptionalDouble floorRatio,
    OptionalDouble bytes,
    OptionalDouble nanos,
    Set<String> against) {
  /** A ratio counts as reached from here on: below that the noise begins. */
  private static final double REACHED = 0.95;

  /** Less than half a byte is what was allocated around the operations, not for them. */
  private static final double BYTES_AROUND = 0.5;

  /** Nothing is promised. */
  public static final Target NONE =
      new Target(
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          Set.of());

  /** With this ratio to the best peer. */
  public static Target ratio(double ratio) {
    return new Target(OptionalDouble.of(ratio), NONE.floorRatio, NONE.bytes, NONE.nanos, Set.of());
  }

  /** With this ratio to the floor, too. */
  public Target floorRatio(double atMost) {
    return new Target(ratio, OptionalDouble.of(atMost), bytes, nanos, against);
  }

  /** With these bytes, too. */
  public Target bytes(double atMost) {
    return new Target(ratio, floorRatio, OptionalDouble.of(atMost), nanos, against);
  }

  /** With this time, too. */
  public Target nanos(double atMost) {
    return new Target(ratio, floorRatio, bytes, OptionalDouble.of(atMost), against);
  }

  /** The ratio is meant against these peers only. */
  public Target against(String... peers) {
    return new Target(ratio, floorRatio, bytes, nanos, Set.of(peers));
  }

  boolean countsAsPeer(String competitor) {
    return !competitor.equals(Case.REVEILLE)
        && !competitor.equals(Case.FLOOR)
        && (against.isEmpty() || against.contains(competitor));
  }

  /** Whether all that was asked for was measured and is there. */
  boolean isReached(
      OptionalDouble measuredRatio, OptionalDouble measuredFloor, double allocated, double time) {
    boolean faster =
        ratio.isEmpty()
            || (measuredRatio.isPresent()
                && measuredRatio.getAsDouble() >= REACHED * ratio.getAsDouble());
    boolean nearFloor =
        floorRatio.isEmpty()
            || (measuredFloor.isPresent()
                && measuredFloor.getAsDouble() <= floorRatio.getAsDouble() / REACHED);
    boolean lean = bytes.isEmpty() || allocated <= bytes.getAsDouble() + BYTES_AROUND;
    boolean cheap = nanos.isEmpty() || time <= nanos.getAsDouble();
    return faster && nearFloor && lean && cheap;
  }
}
