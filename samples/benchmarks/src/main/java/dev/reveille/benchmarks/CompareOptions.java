package dev.reveille.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * What the command line of {@link Compare} asks for.
 *
 * @param effort how long
 * @param out where tables and charts go
 * @param families with the cases that are asked for
 */
record CompareOptions(Effort effort, Path out, List<Family> families) {
  private static final Path DEFAULT_OUT = Path.of("target", "compare");

  static CompareOptions parse(List<String> args) {
    return parse(args, Families.ALL);
  }

  static CompareOptions parse(List<String> args, List<Family> all) {
    boolean quick = args.contains("--quick");
    Effort effort = quick ? Effort.QUICK : Effort.FULL;
    Path out = DEFAULT_OUT;
    List<String> names = new ArrayList<>();
    for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
      String arg = rest.next();
      switch (arg) {
        case "--quick" -> {} // seen
        case "--out" -> out = Path.of(value(arg, rest));
        case "--rounds" -> effort = effort.withRounds(number(arg, value(arg, rest)));
        default -> {
          if (arg.startsWith("-")) {
            throw new IllegalArgumentException("what is " + arg + "?");
          }
          names.add(arg);
        }
      }
    }
    return new CompareOptions(effort, out, names.isEmpty() ? all : select(names, all));
  }

  private static String value(String option, Iterator<String> rest) {
    try {
      return rest.next();
    } catch (NoSuchElementException e) {
      throw new IllegalArgumentException(option + " has no value", e);
    }
  }

  private static int number(String option, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " is no number: " + value, e);
    }
  }

  /** A family, or one case of it. */
  private static List<Family> select(List<String> names, List<Family> all) {
    Map<String, List<Case>> chosen = new LinkedHashMap<>();
    for (String name : names) {
      String[] parts = name.split("\\.", 2);
      Family family = family(parts[0], all);
      List<Case> cases =
          family.cases().stream()
              .filter(one -> parts.length == 1 || one.name().equals(parts[1]))
              .toList();
      if (cases.isEmpty()) {
        throw new IllegalArgumentException(
            "no case '%s'; %s has %s"
                .formatted(name, family.name(), family.cases().stream().map(Case::name).toList()));
      }
      List<Case> before = chosen.computeIfAbsent(family.name(), f -> new ArrayList<>());
      cases.stream().filter(one -> !before.contains(one)).forEach(before::add);
    }
    return chosen.entrySet().stream()
        .map(entry -> family(entry.getKey(), all).only(entry.getValue()))
        .toList();
  }

  private static Family family(String name, List<Family> all) {
    return all.stream()
        .filter(family -> family.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no family '%s'; there are %s"
                        .formatted(name, all.stream().map(Family::name).toList())));
  }
}
