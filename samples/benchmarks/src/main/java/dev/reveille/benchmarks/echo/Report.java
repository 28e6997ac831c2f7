package dev.reveille.benchmarks.echo;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Prints medians and ratios. */
final class Report {
  private final Results results;

  Report(Results results) {
    this.results = results;
  }

  /**
   * A line per case: nanoseconds of the server's CPU for a request, and ratios: the best peer's
   * over ours, ours over the floor's.
   */
  void lines(PrintStream out) {
    for (EchoCase echoCase : results.cases()) {
      out.println(line(echoCase));
    }
  }

  private String line(EchoCase echoCase) {
    Set<ServerKind> servers = results.servers(echoCase);
    boolean ours = servers.contains(ServerKind.REVEILLE);
    StringBuilder line = new StringBuilder("echo.").append(echoCase.label());
    if (ours) {
      line.append(" reveille=").append(cpu(echoCase, ServerKind.REVEILLE));
    }
    Optional<ServerKind> best =
        servers.stream()
            .filter(ServerKind::isPeer)
            .min(Comparator.comparingDouble(k -> median(echoCase, k, Measurement::cpuNanos)));
    if (best.isPresent()) {
      ServerKind peer = best.orElseThrow();
      line.append(" best-peer=").append(peer.label).append(':').append(cpu(echoCase, peer));
      if (ours) {
        line.append(" ratio=").append(ratio(echoCase, peer, ServerKind.REVEILLE));
      }
    }
    if (servers.contains(ServerKind.FLOOR)) {
      line.append(" floor=").append(cpu(echoCase, ServerKind.FLOOR));
      if (ours) {
        line.append(" floor-ratio=").append(ratio(echoCase, ServerKind.REVEILLE, ServerKind.FLOOR));
      }
    }
    if (ours) {
      double bytes = median(echoCase, ServerKind.REVEILLE, Measurement::bytes);
      line.append(" bytes=").append(text("%.2f", bytes));
    }
    return line.toString();
  }

  /** Tables of all that was measured, and of how far the rounds lie apart. */
  void details(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%-16s %-16s %8s %15s %6s %8s %8s %8s %7s %5s%n",
        "case",
        "server",
        "cpu ns",
        "(rounds)",
        "kernel",
        "req/s",
        "p50 us",
        "p99 us",
        "bytes",
        "GCs");
    for (EchoCase echoCase : results.cases()) {
      for (ServerKind kind : results.servers(echoCase)) {
        row(out, echoCase, kind);
      }
    }
    for (EchoCase echoCase : results.cases()) {
      for (ServerKind kind : results.servers(echoCase)) {
        if (kind != ServerKind.REVEILLE
            && results.servers(echoCase).contains(ServerKind.REVEILLE)) {
          paired(out, echoCase, kind);
        }
      }
    }
  }

  private void row(PrintStream out, EchoCase echoCase, ServerKind kind) {
    double[] cpu = results.values(echoCase, kind, Measurement::cpuNanos);
    Arrays.sort(cpu);
    out.printf(
        Locale.ROOT,
        "%-16s %-16s %8s %15s %5.0f%% %8.0f %8.0f %8.0f %7.2f %5.0f%n",
        echoCase.label(),
        kind.label,
        cpu(echoCase, kind),
        text("%.0f..%.0f", cpu[0], cpu[cpu.length - 1]),
        100 * median(echoCase, kind, Measurement::systemShare),
        median(echoCase, kind, Measurement::requestsPerSecond),
        median(echoCase, kind, Measurement::p50) / 1e3,
        median(echoCase, kind, Measurement::p99) / 1e3,
        median(echoCase, kind, Measurement::bytes),
        median(echoCase, kind, Measurement::collections));
  }

  private void paired(PrintStream out, EchoCase echoCase, ServerKind kind) {
    double[] ratios = results.ratios(echoCase, kind, ServerKind.REVEILLE);
    out.printf(
        Locale.ROOT,
        "%-16s %-16s / reveille: %.3f (%s)%n",
        echoCase.label(),
        kind.label,
        median(ratios),
        Arrays.stream(ratios)
            .mapToObj(ratio -> text("%.2f", ratio))
            .collect(Collectors.joining(" ")));
  }

  private String cpu(EchoCase echoCase, ServerKind kind) {
    return text("%.0f", median(echoCase, kind, Measurement::cpuNanos));
  }

  private String ratio(EchoCase echoCase, ServerKind one, ServerKind other) {
    return text("%.2f", median(results.ratios(echoCase, one, other)));
  }

  private double median(EchoCase echoCase, ServerKind kind, ToDoubleFunction<Measurement> value) {
    return median(results.values(echoCase, kind, value));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  private static String text(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }
}
