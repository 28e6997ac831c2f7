package dev.reveille.samples.benchmarks.echo;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Medians and ratios. */
final class Report {
  private final Map<EchoCase, Map<ServerKind, List<Measurement>>> results;

  Report(Map<EchoCase, Map<ServerKind, List<Measurement>>> results) {
    this.results = results;
  }

  /** A line per case: nanoseconds of the server's CPU for a request, and ratios of them. */
  void lines(PrintStream out) {
    results.forEach((echoCase, servers) -> out.println(line(echoCase, servers)));
  }

  private static String line(EchoCase echoCase, Map<ServerKind, List<Measurement>> servers) {
    StringBuilder line = new StringBuilder("echo.").append(echoCase.label());
    List<Measurement> own = servers.getOrDefault(ServerKind.REVEILLE, List.of());
    double ours = median(own, Measurement::cpuNanos);
    if (!own.isEmpty()) {
      line.append(" reveille=").append(number(ours));
    }
    Optional<Map.Entry<ServerKind, List<Measurement>>> best =
        servers.entrySet().stream()
            .filter(entry -> entry.getKey().isPeer())
            .min(Comparator.comparingDouble(e -> median(e.getValue(), Measurement::cpuNanos)));
    best.ifPresent(
        entry -> {
          double peer = median(entry.getValue(), Measurement::cpuNanos);
          line.append(" best-peer=").append(entry.getKey().label).append(':').append(number(peer));
          line.append(" ratio=").append(ratio(peer / ours));
        });
    List<Measurement> floor = servers.getOrDefault(ServerKind.FLOOR, List.of());
    if (!floor.isEmpty()) {
      double nanos = median(floor, Measurement::cpuNanos);
      line.append(" floor=").append(number(nanos));
      line.append(" floor-ratio=").append(ratio(ours / nanos));
    }
    line.append(" bytes=").append(ratio(median(own, Measurement::bytes)));
    return line.toString();
  }

  /** A table: all that was measured, and how far the rounds lie apart. */
  void details(PrintStream out) {
    out.printf(
        "%-16s %-16s %8s %15s %6s %8s %8s %8s %7s %5s%n",
        "case",
        "server",
        "cpu ns",
        "(all rounds)",
        "kernel",
        "req/s",
        "p50 us",
        "p99 us",
        "bytes",
        "GCs");
    results.forEach(
        (echoCase, servers) -> servers.forEach((kind, rounds) -> row(out, echoCase, kind, rounds)));
    results.forEach(
        (echoCase, servers) ->
            servers.forEach((kind, rounds) -> paired(out, echoCase, kind, servers)));
  }

  private static void row(
      PrintStream out, EchoCase echoCase, ServerKind kind, List<Measurement> rounds) {
    out.printf(
        Locale.ROOT,
        "%-16s %-16s %8.0f %15s %5.0f%% %8.0f %8.0f %8.0f %7.2f %5.0f%n",
        echoCase.label(),
        kind.label,
        median(rounds, Measurement::cpuNanos),
        "%.0f..%.0f".formatted(least(rounds), most(rounds)),
        100 * median(rounds, Measurement::systemShare),
        median(rounds, Measurement::requestsPerSecond),
        median(rounds, Measurement::p50) / 1e3,
        median(rounds, Measurement::p99) / 1e3,
        median(rounds, Measurement::bytes),
        median(rounds, Measurement::collections));
  }

  /** The ratio to ours round by round: what disturbs a whole round drops out. */
  private static void paired(
      PrintStream out,
      EchoCase echoCase,
      ServerKind kind,
      Map<ServerKind, List<Measurement>> servers) {
    List<Measurement> ours = servers.getOrDefault(ServerKind.REVEILLE, List.of());
    if (kind == ServerKind.REVEILLE || ours.isEmpty()) {
      return;
    }
    List<Measurement> theirs = servers.getOrDefault(kind, List.of());
    double[] ratios = new double[ours.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = theirs.get(i).cpuNanos() / ours.get(i).cpuNanos();
    }
    out.printf(
        "%-16s %s / reveille, in each round:%s%n",
        echoCase.label(),
        kind.label,
        Arrays.stream(ratios).mapToObj(r -> " " + ratio(r)).reduce("", String::concat));
  }

  private static double least(List<Measurement> rounds) {
    return rounds.stream().mapToDouble(Measurement::cpuNanos).min().orElse(Double.NaN);
  }

  private static double most(List<Measurement> rounds) {
    return rounds.stream().mapToDouble(Measurement::cpuNanos).max().orElse(Double.NaN);
  }

  private static double median(List<Measurement> rounds, ToDoubleFunction<Measurement> value) {
    double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  private static String number(double nanos) {
    return String.format(Locale.ROOT, "%.0f", nanos);
  }

  private static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.2f", ratio);
  }
}
