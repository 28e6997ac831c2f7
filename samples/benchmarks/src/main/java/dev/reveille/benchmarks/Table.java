package dev.reveille.benchmarks;

import static dev.reveille.benchmarks.CaseResult.nanos;
import static dev.reveille.benchmarks.CaseResult.text;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Writes results as Markdown. */
final class Table {
  private Table() {}

  static String of(List<CaseResult> results, Effort effort) {
    StringBuilder page = new StringBuilder("# Reveille and its peers\n\n");
    page.append(
        text(
            "JDK %s, %s %s, %d processors; %d rounds, in each a JVM for every competitor.\n\n",
            Runtime.version(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors(),
            effort.rounds()));
    page.append(
        "CPU time of the process for an operation, in nanoseconds. *ratio* is the best peer's over"
            + " ours, *floor-ratio* ours over the floor's.\n\n");
    page.append(
        "| case | reveille | to reach | best peer | ratio | to reach | floor | floor-ratio | to"
            + " reach");
    page.append(" | bytes | to reach | |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    results.forEach(result -> page.append(row(result)));
    page.append("\nA ratio counts as reached from 0.95 of it.\n");
    for (CaseResult result : results) {
      page.append(text("\n## %s\n\n", result.label()));
      page.append(
          "| competitor | ns | bytes | over reveille, round by round |\n|---|---|---|---|\n");
      for (String competitor : result.competitors()) {
        page.append(competitor(result, competitor));
      }
    }
    return page.toString();
  }

  private static String row(CaseResult result) {
    Target target = result.target();
    return "| "
        + String.join(
            " | ",
            "`" + result.label() + "`",
            nanos(result.time(Case.REVEILLE)),
            cell("%.0f", target.nanos()),
            result.bestPeer().map(peer -> peer + ", " + nanos(result.time(peer))).orElse(""),
            cell("%.2f", result.ratio()),
            cell("%.2f", target.ratio()),
            result.has(Case.FLOOR) ? nanos(result.time(Case.FLOOR)) : "",
            cell("%.2f", result.floorRatio()),
            cell("%.2f", target.floorRatio()),
            bytes(result, Case.REVEILLE),
            cell("%.0f", target.bytes()),
            verdict(result))
        + " |\n";
  }

  private static String verdict(CaseResult result) {
    if (result.target().equals(Target.NONE)) {
      return "";
    }
    return result.isReached() ? "reached" : "**not reached**";
  }

  private static String competitor(CaseResult result, String competitor) {
    String ratios =
        competitor.equals(Case.REVEILLE)
            ? ""
            : Arrays.stream(result.ratios(competitor, Case.REVEILLE))
                .mapToObj(ratio -> text("%.2f", ratio))
                .collect(Collectors.joining(" "));
    return text(
        "| %s | %s | %s | %s |\n",
        competitor, nanos(result.time(competitor)), bytes(result, competitor), ratios);
  }

  private static String bytes(CaseResult result, String competitor) {
    double bytes = result.bytes(competitor);
    return Double.isNaN(bytes) ? "" : text("%.1f", bytes);
  }

  private static String cell(String format, OptionalDouble value) {
    return value.isPresent() ? text(format, value.getAsDouble()) : "";
  }
}
