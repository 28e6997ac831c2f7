package dev.reveille.benchmarks.echo;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * What all rounds have measured.
 *
 * <p>A ratio of two servers is taken round by round, and then its median: in a round the two were
 * measured side by side, so what disturbs a whole round drops out. Ratios of medians would compare
 * one round's server with another round's.
 */
final class Results {
  private final Map<EchoCase, List<Map<ServerKind, Measurement>>> rounds = new LinkedHashMap<>();

  /** Adds a round of a case. */
  void add(EchoCase echoCase, Map<ServerKind, Measurement> round) {
    rounds.computeIfAbsent(echoCase, c -> new ArrayList<>()).add(new EnumMap<>(round));
  }

  Set<EchoCase> cases() {
    return rounds.keySet();
  }

  /** Who took part in the rounds of a case. */
  Set<ServerKind> servers(EchoCase echoCase) {
    return of(echoCase).get(0).keySet();
  }

  /** A value of one server in all rounds. */
  double[] values(EchoCase echoCase, ServerKind kind, ToDoubleFunction<Measurement> value) {
    return of(echoCase).stream()
        .mapToDouble(round -> value.applyAsDouble(measurement(round, kind)))
        .toArray();
  }

  /** CPU time for a request of one server over that of another, in all rounds. */
  double[] ratios(EchoCase echoCase, ServerKind one, ServerKind other) {
    return of(echoCase).stream()
        .mapToDouble(
            round -> measurement(round, one).cpuNanos() / measurement(round, other).cpuNanos())
        .toArray();
  }

  private List<Map<ServerKind, Measurement>> of(EchoCase echoCase) {
    return rounds.getOrDefault(echoCase, List.of());
  }

  private static Measurement measurement(Map<ServerKind, Measurement> round, ServerKind kind) {
    Measurement measurement = round.get(kind);
    if (measurement == null) {
      throw new IllegalArgumentException(kind.label + " took no part");
    }
    return measurement;
  }
}
