package dev.reveille.benchmarks;

import static dev.reveille.benchmarks.CaseResult.nanos;

import java.util.List;

/** All competitors of all cases: a block of bars for a case, the cheapest first. */
final class BarChart {
  private static final double NAMES = 200;
  private static final double BARS = 480;
  private static final double ROW = 18;

  private BarChart() {}

  static String of(List<CaseResult> results) {
    Svg svg = new Svg();
    double y = 24;
    svg.heading(10, y, "CPU time for an operation, ns");
    for (CaseResult result : results) {
      y += 2 * ROW;
      svg.heading(10, y, result.label());
      List<String> competitors = result.competitors();
      double longest = result.time(competitors.get(competitors.size() - 1));
      int index = 0;
      for (String competitor : competitors) {
        y += ROW;
        double time = result.time(competitor);
        double width = Math.max(1, BARS * time / longest);
        svg.words(NAMES - 8, y, "end", competitor);
        svg.bar(NAMES, y - 11, width, 13, Svg.colour(competitor, index++));
        svg.words(NAMES + width + 6, y, "start", nanos(time));
      }
    }
    return svg.page(NAMES + BARS + 80, y + ROW);
  }
}
