package dev.reveille.samples.benchmarks.echo;

import java.util.Arrays;
import java.util.List;

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
 */
record Settings(
    int rounds,
    List<Integer> connections,
    List<Integer> depths,
    List<ServerKind> servers,
    int firstWarmUp,
    int warmUp,
    int measured) {
  static final String USAGE =
      "EchoComparison [--quick] [--connections 1,64,1000] [--depths 1,16] [--rounds 5]"
          + " [--servers reveille,floor,netty-nio,virtual-threads]"
          + " [--warm-up MILLIS] [--measured MILLIS]";

  private static final Settings DEFAULTS =
      new Settings(
          5, List.of(1, 64, 1000), List.of(1, 16), ServerKind.available(), 3000, 500, 2000);

  /** Under a minute. */
  private static final Settings QUICK =
      new Settings(1, DEFAULTS.connections, DEFAULTS.depths, DEFAULTS.servers, 1000, 200, 500);

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
          new Settings(number(value), connections, depths, servers, firstWarmUp, warmUp, measured);
      case "--connections" ->
          new Settings(rounds, numbers(value), depths, servers, firstWarmUp, warmUp, measured);
      case "--depths" ->
          new Settings(rounds, connections, numbers(value), servers, firstWarmUp, warmUp, measured);
      case "--servers" ->
          new Settings(
              rounds,
              connections,
              depths,
              Arrays.stream(value.split(",")).map(ServerKind::of).toList(),
              firstWarmUp,
              warmUp,
              measured);
      case "--warm-up" ->
          new Settings(rounds, connections, depths, servers, firstWarmUp, number(value), measured);
      case "--measured" ->
          new Settings(rounds, connections, depths, servers, firstWarmUp, warmUp, number(value));
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
