package dev.reveille.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * What all rounds of a case have measured.
 *
 * <p>A ratio of two competitors is taken round by round, and then its median: in a round the two
 * were measured one soon after the other, so what disturbs a whole round drops out.
 */
final class CaseResult {
  private final String family;
  private final Case measured;
  private final List<Map<String, Measurement>> rounds = new ArrayList<>();

  CaseResult(String family, Case measured) {
    this.family = family;
    this.measured = measured;
  }

  void add(Map<String, Measurement> round) {
    if (!round.containsKey(Case.REVEILLE)) {
      throw new IllegalArgumentException("a round of " + label() + " without ours: " + round);
    }
    rounds.add(Map.copyOf(round));
  }

  String family() {
    return family;
  }

  String name() {
    return measured.name();
  }

  String label() {
    return family + "." + measured.name();
  }

  Target target() {
    return measured.target();
  }

  /** All that were measured, the cheapest first. */
  List<String> competitors() {
    Set<String> all = new TreeSet<>();
    rounds.forEach(round -> all.addAll(round.keySet()));
    return all.stream().sorted(Comparator.comparingDouble(this::time)).toList();
  }

  boolean has(String competitor) {
    return rounds.stream().anyMatch(round -> round.containsKey(competitor));
  }

  /** CPU time for an operation; NaN if it took no part. */
  double time(String competitor) {
    return median(values(competitor, Measurement::time));
  }

  double bytes(String competitor) {
    return median(values(competitor, Measurement::bytes));
  }

  private double[] values(String competitor, ToDoubleFunction<Measurement> value) {
    return rounds.stream()
        .map(round -> round.get(competitor))
        .filter(Objects::nonNull)
        .mapToDouble(value)
        .toArray();
  }

  /** The cheapest of those that the target is meant against. */
  Optional<String> bestPeer() {
    return competitors().stream().filter(target()::countsAsPeer).findFirst();
  }

  /** The best peer's time over ours. */
  OptionalDouble ratio() {
    Optional<String> best = bestPeer();
    return best.isPresent()
        ? OptionalDouble.of(median(ratios(best.get(), Case.REVEILLE)))
        : OptionalDouble.empty();
  }

  /** Our time over the floor's. */
  OptionalDouble floorRatio() {
    return has(Case.FLOOR)
        ? OptionalDouble.of(median(ratios(Case.REVEILLE, Case.FLOOR)))
        : OptionalDouble.empty();
  }

  /** Of the rounds in which both took part. */
  double[] ratios(String one, String other) {
    return rounds.stream()
        .filter(round -> round.containsKey(one) && round.containsKey(other))
        .mapToDouble(
            round ->
                Objects.requireNonNull(round.get(one)).time()
                    / Objects.requireNonNull(round.get(other)).time())
        .toArray();
  }

  boolean isReached() {
    return target().isReached(ratio(), floorRatio(), bytes(Case.REVEILLE), time(Case.REVEILLE));
  }

  /** For standard output. */
  String line() {
    StringBuilder line = new StringBuilder(label());
    line.append(" reveille=").append(nanos(time(Case.REVEILLE)));
    bestPeer()
        .ifPresent(
            peer -> line.append(" best-peer=").append(peer).append(':').append(nanos(time(peer))));
    ratio().ifPresent(ratio -> line.append(" ratio=").append(text("%.2f", ratio)));
    if (has(Case.FLOOR)) {
      line.append(" floor=").append(nanos(time(Case.FLOOR)));
    }
    floorRatio().ifPresent(ratio -> line.append(" floor-ratio=").append(text("%.2f", ratio)));
    double bytes = bytes(Case.REVEILLE);
    if (!Double.isNaN(bytes)) {
      line.append(" bytes=").append(text("%.1f", bytes));
    }
    return line.toString();
  }

  /** Three digits say more than was measured. */
  static String nanos(double value) {
    return text(value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value);
  }

  static String text(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }

  static double median(double[] values) {
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
