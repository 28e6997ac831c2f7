package dev.reveille.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Compares families of benchmarks side by side, and prints a line per case:
 *
 * <pre>
 * FAMILY.CASE reveille=NS best-peer=NAME:NS ratio=R floor=NS floor-ratio=F bytes=B
 * </pre>
 *
 * <p>NS is the CPU time of the process for an operation, which holds on a busy machine; R the best
 * peer's over ours, F ours over the floor's, B the bytes that ours allocates for an operation. A
 * case without floor, peer or bytes lacks those words.
 *
 * <p>The competitors of a case take turns: five rounds, and in each a fresh JVM for every one of
 * them, in an order that rotates. Ratios are taken round by round, and their median counts.
 *
 * <p>Into the directory it writes {@code compare.md}, a table of everything that was measured,
 * {@code compare.svg}, the same as a chart, and {@code growth-….svg}, how the cost grows.
 */
public final class Compare {
  static final String USAGE = "Compare [--quick] [--out DIRECTORY] [--rounds N] [FAMILY[.CASE]…]";

  private Compare() {}

  /**
   * Compares.
   *
   * @param args see {@link #USAGE}
   * @throws IOException if a process can not be started, or ours fails in it
   */
  public static void main(String[] args) throws IOException {
    // Forks that run beside somebody else's are slower, but CPU time holds.
    System.setProperty("jmh.ignoreLock", "true");
    CompareOptions options;
    try {
      options = CompareOptions.parse(List.of(args));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(USAGE);
      System.exit(2);
      return;
    }
    compare(options, System.out);
  }

  static List<CaseResult> compare(CompareOptions options, PrintStream out) throws IOException {
    List<CaseResult> results = new ArrayList<>();
    for (Family family : options.families()) {
      for (Case one : family.cases()) {
        CaseResult result = measure(family.name(), one, options.effort());
        results.add(result);
        out.println(result.line());
        out.flush();
      }
    }
    write(options, results);
    return results;
  }

  static CaseResult measure(String family, Case one, Effort effort) throws IOException {
    CaseResult result = new CaseResult(family, one);
    for (int round = 0; round < effort.rounds(); round++) {
      System.err.printf("%s.%s, round %d%n", family, one.name(), round + 1);
      result.add(one.round(effort, round));
    }
    return result;
  }

  private static void write(CompareOptions options, List<CaseResult> results) throws IOException {
    Path directory = Files.createDirectories(options.out());
    Files.writeString(directory.resolve("compare.md"), Table.of(results, options.effort()));
    Files.writeString(directory.resolve("compare.svg"), BarChart.of(results));
    for (Family family : options.families()) {
      for (Map.Entry<String, String> chart : GrowthChart.of(family, results).entrySet()) {
        Files.writeString(directory.resolve(chart.getKey()), chart.getValue());
      }
    }
    System.err.println("tables and charts are in " + directory.toAbsolutePath());
  }
}
