package dev.reveille.benchmarks.echo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the command line asks for. */
final class Settings {
  static final String USAGE =
      "EchoComparison [--quick] [--connections 1,64,1000] [--depths 1,16] [--rounds 5]"
          + " [--servers reveille,floor,netty-nio,virtual-threads]"
          + " [--warm-up MILLIS] [--measured MILLIS] [--before CLASSPATH]";

  /** How often all processes are started afresh. */
  private int rounds = 5;

  private List<Integer> connections = List.of(1, 64, 1000);
  private List<Integer> depths = List.of(1, 16);
  private List<ServerKind> servers = ServerKind.competitors();

  /** Class path of another build of Reveille. */
  private Optional<String> before = Optional.empty();

  /** Milliseconds that a new server is driven, at least, before anything counts. */
  private int firstWarmUp = 3000;

  /** Milliseconds before each measurement, at least. */
  private int warmUp = 500;

  /** Milliseconds of each measurement. */
  private int measured = 2000;

  Settings(String[] args) {
    List<String> words = new ArrayList<>(Arrays.asList(args));
    if (words.remove("--quick")) { // under a minute
      rounds = 1;
      firstWarmUp = 1000;
      warmUp = 200;
      measured = 500;
    }
    for (int i = 0; i < words.size(); i += 2) {
      if (i + 1 == words.size()) {
        throw new IllegalArgumentException(words.get(i) + " has no value. " + USAGE);
      }
      set(words.get(i), words.get(i + 1));
    }
  }

  private void set(String option, String value) {
    switch (option) {
      case "--rounds" -> rounds = number(value);
      case "--connections" -> connections = numbers(value);
      case "--depths" -> depths = numbers(value);
      case "--servers" ->
          servers = Arrays.stream(value.split(",")).map(ServerKind::of).distinct().toList();
      case "--warm-up" -> warmUp = number(value);
      case "--measured" -> measured = number(value);
      case "--before" -> before = Optional.of(value);
      default -> throw new IllegalArgumentException("what is " + option + "? " + USAGE);
    }
  }

  private static List<Integer> numbers(String value) {
    return Arrays.stream(value.split(",")).map(Settings::number).distinct().toList();
  }

  private static int number(String value) {
    int n = Integer.parseInt(value);
    if (n < 1) {
      throw new IllegalArgumentException(value + " is not above zero");
    }
    return n;
  }

  int rounds() {
    return rounds;
  }

  int firstWarmUp() {
    return firstWarmUp;
  }

  int warmUp() {
    return warmUp;
  }

  int measured() {
    return measured;
  }

  Optional<String> before() {
    return before;
  }

  /** Who takes part. */
  List<ServerKind> servers() {
    List<ServerKind> all = new ArrayList<>(servers);
    if (before.isPresent()) {
      all.add(ServerKind.BEFORE);
    }
    return all;
  }

  List<EchoCase> cases() {
    return depths.stream()
        .flatMap(depth -> connections.stream().map(count -> new EchoCase(count, depth)))
        .toList();
  }
}
