package dev.reveille.benchmarks;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a cost grows with a number of things: a chart.
 *
 * @param title of the chart
 * @param unit what is counted
 * @param cases by count, the name of the case in the family
 */
public record Growth(String title, String unit, SortedMap<Integer, String> cases) {
  /** With the cases in the order of the counts. */
  public static Growth of(String title, String unit, Map<Integer, String> cases) {
    return new Growth(title, unit, new TreeMap<>(cases));
  }
}
