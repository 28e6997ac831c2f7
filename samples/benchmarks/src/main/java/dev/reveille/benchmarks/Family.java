package dev.reveille.benchmarks;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Cases that belong together.
 *
 * @param name of the package, too
 * @param cases no two of one name
 * @param growths the charts that are drawn of them
 */
public record Family(String name, List<Case> cases, List<Growth> growths) {
  /** Refuses a chart of cases that are not there. */
  public Family {
    cases = List.copyOf(cases);
    growths = List.copyOf(growths);
    List<String> names = cases.stream().map(Case::name).toList();
    if (names.stream().distinct().count() != names.size()) {
      throw new IllegalArgumentException("two cases of one name in " + name + ": " + names);
    }
    String missing =
        growths.stream()
            .flatMap(growth -> growth.cases().values().stream())
            .filter(drawn -> !names.contains(drawn))
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("a chart of " + name + " shows no cases: " + missing);
    }
  }

  /** Without charts of growth. */
  public static Family of(String name, Case... cases) {
    return new Family(name, List.of(cases), List.of());
  }

  /** With one more chart. */
  public Family growing(Growth growth) {
    return new Family(name, cases, Stream.concat(growths.stream(), Stream.of(growth)).toList());
  }

  /** With these of its cases, and the charts that they suffice for. */
  Family only(List<Case> some) {
    List<String> names = some.stream().map(Case::name).toList();
    return new Family(
        name,
        some,
        growths.stream().filter(growth -> names.containsAll(growth.cases().values())).toList());
  }
}
