package dev.reveille.samples.benchmarks.echo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param rounds how often all processes are started afresh
 * @param connections numbers of connections
 * @param depths depths of the pipelines; 1 is ping-pong
 * @param servers who takes part
 * @param firstWarmUp milliseconds that a new server is driven before anything counts
 * @param warmUp milliseconds before each measurement
 * @param measured milliseconds of each measurement
 * @param before class path of another build, which then takes part as {@code reveille-before}
 */
record Settings(
    int rounds,
    List<Integer> connections,
    List<Integer> depths,
    List<ServerKind> servers,
    int firstWarmUp,
    int warmUp,
    int measured,
    Optional<String> before) {
  static final String USAGE =
      "EchoComparison [--quick] [--connections 1,64,1000] [--depths 1,16] [--rounds 5]"
          + " [--servers reveille,floor,netty-nio,virtual-threads]"
          + " [--warm-up MILLIS] [--measured MILLIS] [--before CLASSPATH]";

  private static final Settings DEFAULTS =
      new Settings(
          5,
          List.of(1, 64, 1000),
          List.of(1, 16),
          ServerKind.competitors(),
          3000,
          500,
          2000,
          Optional.empty());

  /** Under a minute. */
  private static final Settings QUICK =
      new Settings(
          1,
          DEFAULTS.connections,
          DEFAULTS.depths,
          DEFAULTS.servers,
          1000,
          200,
          500,
          Optional.empty());

  static Settings of(String[] args) {
    Settings s = Arrays.asList(args).contains("--quick") ? QUICK : DEFAULTS;
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--quick")) {
        continue;
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " has no value. " + USAGE);
      }
      s = s.with(args[i], args[++i]);
    }
    return s;
  }

  private Settings with(String option, String value) {
    return switch (option) {
      case "--rounds" ->
          new Settings(
              number(value), connections, depths, servers, firstWarmUp, warmUp, measured, before);
      case "--connections" ->
          new Settings(
              rounds, numbers(value), depths, servers, firstWarmUp, warmUp, measured, before);
      case "--depths" ->
          new Settings(
              rounds, connections, numbers(value), servers, firstWarmUp, warmUp, measured, before);
      case "--servers" ->
          new Settings(
              rounds,
              connections,
              depths,
              Arrays.stream(value.split(",")).map(ServerKind::of).toList(),
              firstWarmUp,
              warmUp,
              measured,
              before);
      case "--warm-up" ->
          new Settings(
              rounds, connections, depths, servers, firstWarmUp, number(value), measured, before);
      case "--measured" ->
          new Settings(
              rounds, connections, depths, servers, firstWarmUp, warmUp, number(value), before);
      case "--before" -> {
        List<ServerKind> all = new ArrayList<>(servers);
        if (!all.contains(ServerKind.BEFORE)) {
          all.add(ServerKind.BEFORE);
        }
        yield new Settings(
            rounds, connections, depths, all, firstWarmUp, warmUp, measured, Optional.of(value));
      }
      default -> throw new IllegalArgumentException("what is " + option + "? " + USAGE);
    };
  }

  private static List<Integer> numbers(String value) {
    return Arrays.stream(value.split(",")).map(Settings::number).toList();
  }

  private static int number(String value) {
    int n = Integer.parseInt(value);
    if (n < 1) {
      throw new IllegalArgumentException(value + " is not above zero");
    }
    return n;
  }

  List<EchoCase> cases() {
    return depths.stream()
        .flatMap(depth -> connections.stream().map(count -> new EchoCase(count, depth)))
        .peek(
            echoCase -> {
              if (echoCase.depth() * Protocol.REQUEST_SIZE > Protocol.BUFFER_SIZE) {
                throw new IllegalArgumentException(
                    "a batch of %d requests is larger than a server's buffer"
                        .formatted(echoCase.depth()));
              }
            })
        .toList();
  }
}
