package dev.reveille.benchmarks;

import java.util.List;
import java.util.Map;

/** A case whose rounds are known beforehand. */
record FixedCase(String name, Target target, List<Map<String, Measurement>> rounds)
    implements Case {
  @Override
  public Map<String, Measurement> round(Effort effort, int round) {
    return rounds.get(round);
  }

  /** A round in which nobody counted bytes, but ours did. */
  static Map<String, Measurement> round(double ours, double floor, double fast, double slow) {
    return Map.of(
        Case.REVEILLE,
        new Measurement(ours, 24),
        Case.FLOOR,
        new Measurement(floor, Double.NaN),
        "fast",
        new Measurement(fast, Double.NaN),
        "slow",
        new Measurement(slow, Double.NaN));
  }
}
