package dev.reveille.benchmarks;

import static dev.reveille.benchmarks.CaseResult.nanos;
import static dev.reveille.benchmarks.CaseResult.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/** How the cost of an operation grows with a number of things; both axes are logarithmic. */
final class GrowthChart {
  private static final double LEFT = 70;
  private static final double TOP = 40;
  private static final double WIDTH = 460;
  private static final double HEIGHT = 340;
  private static final double LABELS = 200;
  private static final double LABEL_GAP = 14;

  private GrowthChart() {}

  /** The drawings by file name. */
  static Map<String, String> of(Family family, List<CaseResult> results) {
    Map<String, CaseResult> byName =
        results.stream()
            .filter(result -> result.family().equals(family.name()))
            .collect(Collectors.toMap(CaseResult::name, result -> result));
    Map<String, String> charts = new LinkedHashMap<>();
    for (Growth growth : family.growths()) {
      TreeMap<Integer, CaseResult> points = new TreeMap<>();
      growth
          .cases()
          .forEach(
              (count, name) -> {
                CaseResult result = byName.get(name);
                if (result != null) {
                  points.put(count, result);
                }
              });
      int number = charts.size() + 1;
      charts.put(
          "growth-%s%s.svg".formatted(family.name(), number == 1 ? "" : "-" + number),
          draw(growth, points));
    }
    return charts;
  }

  private static String draw(Growth growth, NavigableMap<Integer, CaseResult> points) {
    Set<String> competitors = new TreeSet<>();
    points.values().forEach(result -> competitors.addAll(result.competitors()));
    double[] times =
        points.values().stream()
            .flatMap(result -> result.competitors().stream().map(result::time))
            .mapToDouble(time -> time)
            .sorted()
            .toArray();
    double lowest = Math.floor(Math.log10(times[0]));
    double highest = Math.max(lowest + 1, Math.ceil(Math.log10(times[times.length - 1])));
    double first = Math.log10(points.firstKey());
    double last = Math.max(first + 1, Math.log10(points.lastKey()));
    DoubleUnaryOperator x = n -> LEFT + WIDTH * (Math.log10(n) - first) / (last - first);
    DoubleUnaryOperator y = ns -> TOP + HEIGHT * (highest - Math.log10(ns)) / (highest - lowest);
    Svg svg = new Svg();
    svg.heading(10, 22, growth.title() + ": CPU time for an operation, ns");
    for (double power = lowest; power <= highest; power++) {
      double height = y.applyAsDouble(Math.pow(10, power));
      svg.line(LEFT, height, LEFT + WIDTH, height, "#dddddd", 1);
      svg.words(LEFT - 8, height + 4, "end", nanos(Math.pow(10, power)));
    }
    for (int count : points.keySet()) {
      svg.words(x.applyAsDouble(count), TOP + HEIGHT + 20, "middle", text("%,d", count));
    }
    svg.words(LEFT + WIDTH / 2, TOP + HEIGHT + 40, "middle", growth.unit());
    int index = 0;
    List<Label> labels = new ArrayList<>();
    for (String competitor : competitors) {
      String colour = Svg.colour(competitor, index++);
      labels.add(new Label(competitor, colour, curve(svg, competitor, colour, points, x, y)));
    }
    place(svg, labels);
    return svg.page(LEFT + WIDTH + LABELS, TOP + HEIGHT + 60);
  }

  /** At the right end of a curve. */
  private record Label(String words, String colour, double height) {}

  /** How high the curve ends. */
  private static double curve(
      Svg svg,
      String competitor,
      String colour,
      Map<Integer, CaseResult> points,
      DoubleUnaryOperator x,
      DoubleUnaryOperator y) {
    double lastX = Double.NaN;
    double lastY = Double.NaN;
    for (Map.Entry<Integer, CaseResult> point : points.entrySet()) {
      if (!point.getValue().has(competitor)) {
        continue;
      }
      double px = x.applyAsDouble(point.getKey());
      double py = y.applyAsDouble(point.getValue().time(competitor));
      if (!Double.isNaN(lastX)) {
        svg.line(lastX, lastY, px, py, colour, competitor.equals(Case.REVEILLE) ? 3 : 1.5);
      }
      svg.dot(px, py, colour);
      lastX = px;
      lastY = py;
    }
    return lastY;
  }

  /** Labels of curves that end close to each other make way for each other. */
  private static void place(Svg svg, List<Label> labels) {
    double lowest = Double.NEGATIVE_INFINITY;
    for (Label label : labels.stream().sorted(Comparator.comparingDouble(Label::height)).toList()) {
      double height = Math.max(label.height(), lowest + LABEL_GAP);
      svg.line(LEFT + WIDTH + 6, label.height(), LEFT + WIDTH + 18, height, label.colour(), 1);
      svg.words(LEFT + WIDTH + 22, height + 4, "start", label.words());
      lowest = height;
    }
  }
}
