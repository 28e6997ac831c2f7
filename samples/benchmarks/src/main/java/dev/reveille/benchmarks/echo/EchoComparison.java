package dev.reveille.benchmarks.echo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts the servers and the client, measures, and prints a line per case.
 *
 * <p>A round is a fork: all servers and the client are started afresh. In it, each case is measured
 * in slices, a slice on one server after the other, so that what disturbs a moment disturbs all of
 * them; the servers that are not measured sleep. The order rotates from round to round. What counts
 * is the CPU time of the server for a request.
 */
public final class EchoComparison {
  /**
   * With more connections one server is measured after the other: the client, which would have
   * those of all at once, may not be allowed so many descriptors.
   */
  private static final int MOST_AT_ONCE = 2_000;

  private static final int SERVER_CPU = 0;
  private static final int CLIENT_CPU = 1;
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  private static final int SLICES = 5;

  /** Milliseconds until a server that slept for some slices is warm again. */
  private static final int WARM_AGAIN = 50;

  /** What a new server is warmed up with. */
  private static final List<EchoCase> FIRST = List.of(new EchoCase(64, 1), new EchoCase(64, 16));

  private static final int FIRST_BATCHES = 50_000;

  private final Settings settings;
  private final List<EchoCase> cases;
  private final Results results = new Results();

  private EchoComparison(Settings settings) {
    this.settings = settings;
    this.cases = settings.cases();
  }

  /**
   * Compares.
   *
   * @param args see {@link Settings#USAGE}
   * @throws IOException if a process fails, also because a byte came back wrong
   */
  public static void main(String[] args) throws IOException {
    EchoComparison comparison = new EchoComparison(new Settings(args));
    System.err.printf(
        "JDK %s, %s%n",
        Runtime.version(),
        ChildJvm.isPinned()
            ? "server on CPU %d, client on CPU %d".formatted(SERVER_CPU, CLIENT_CPU)
            : "processes not pinned");
    for (int round = 0; round < comparison.settings.rounds(); round++) {
      System.err.printf("round %d%n", round + 1);
      comparison.round(round);
    }
    Report report = new Report(comparison.results);
    report.details(System.err);
    report.lines(System.out);
  }

  private void round(int round) throws IOException {
    Map<ServerKind, EchoServer> servers = new LinkedHashMap<>();
    try (ChildJvm client = new ChildJvm(EchoClient.class, CLASS_PATH, CLIENT_CPU)) {
      List<ServerKind> order = new ArrayList<>(settings.servers());
      Collections.rotate(order, round);
      for (ServerKind kind : order) {
        servers.put(kind, new EchoServer(kind, classPath(kind), SERVER_CPU, client));
      }
      for (EchoServer server : servers.values()) {
        for (EchoCase echoCase : FIRST) {
          server.open(echoCase);
          server.slice(settings.firstWarmUp() / FIRST.size(), FIRST_BATCHES, 1);
          server.finish();
        }
      }
      for (EchoCase echoCase : cases) {
        results.add(echoCase, measure(echoCase, servers));
      }
    } finally {
      servers.values().forEach(EchoServer::close);
    }
  }

  private Map<ServerKind, Measurement> measure(
      EchoCase echoCase, Map<ServerKind, EchoServer> servers) throws IOException {
    if (echoCase.connections() <= MOST_AT_ONCE) {
      return inTurns(echoCase, servers);
    }
    Map<ServerKind, Measurement> measured = new EnumMap<>(ServerKind.class);
    for (Map.Entry<ServerKind, EchoServer> entry : servers.entrySet()) {
      measured.putAll(inTurns(echoCase, Map.of(entry.getKey(), entry.getValue())));
    }
    return measured;
  }

  private Map<ServerKind, Measurement> inTurns(
      EchoCase echoCase, Map<ServerKind, EchoServer> servers) throws IOException {
    servers.values().forEach(server -> server.open(echoCase));
    for (int slice = 0; slice < SLICES; slice++) {
      for (EchoServer server : servers.values()) {
        boolean first = slice == 0;
        server.slice(
            first ? settings.warmUp() : WARM_AGAIN,
            first ? echoCase.warmUpBatches() : echoCase.connections(),
            Math.max(1, settings.measured() / SLICES));
      }
    }
    Map<ServerKind, Measurement> measured = new EnumMap<>(ServerKind.class);
    for (Map.Entry<ServerKind, EchoServer> entry : servers.entrySet()) {
      measured.put(entry.getKey(), entry.getValue().finish());
    }
    return measured;
  }

  private String classPath(ServerKind kind) {
    return kind == ServerKind.BEFORE ? settings.before().orElseThrow() : CLASS_PATH;
  }
}
