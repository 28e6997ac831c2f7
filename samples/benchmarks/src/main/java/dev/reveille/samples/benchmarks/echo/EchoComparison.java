package dev.reveille.samples.benchmarks.echo;

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
 * on one server after the other, so that what disturbs a moment disturbs all of them; the servers
 * that are not measured sleep. The order rotates from round to round. What counts is the CPU time
 * of the server for a request, the median of all rounds.
 */
public final class EchoComparison {
  private static final int SERVER_CPU = 0;
  private static final int CLIENT_CPU = 1;
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  /** What a new server is warmed up with. */
  private static final List<EchoCase> FIRST = List.of(new EchoCase(64, 1), new EchoCase(64, 16));

  private final Settings settings;
  private final List<EchoCase> cases;
  private final Map<EchoCase, Map<ServerKind, List<Measurement>>> results = new LinkedHashMap<>();

  private EchoComparison(Settings settings) {
    this.settings = settings;
    this.cases = settings.cases();
    for (EchoCase echoCase : cases) {
      Map<ServerKind, List<Measurement>> ofCase = new EnumMap<>(ServerKind.class);
      settings.servers().forEach(kind -> ofCase.put(kind, new ArrayList<>()));
      results.put(echoCase, ofCase);
    }
  }

  /**
   * Compares.
   *
   * @param args see {@link Settings#USAGE}
   * @throws IOException if a process fails, also because a byte came back wrong
   */
  public static void main(String[] args) throws IOException {
    EchoComparison comparison = new EchoComparison(Settings.of(args));
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
    Map<ServerKind, Server> servers = new EnumMap<>(ServerKind.class);
    try (ChildJvm client = new ChildJvm(EchoClient.class, CLASS_PATH, CLIENT_CPU)) {
      List<ServerKind> order = new ArrayList<>(settings.servers());
      Collections.rotate(order, round);
      for (ServerKind kind : order) {
        servers.put(kind, new Server(kind, classPath(kind)));
      }
      for (ServerKind kind : order) {
        for (EchoCase echoCase : FIRST) {
          servers.get(kind).measure(client, echoCase, settings.firstWarmUp() / FIRST.size(), 1);
        }
      }
      for (EchoCase echoCase : cases) {
        for (ServerKind kind : order) {
          Measurement measurement =
              servers.get(kind).measure(client, echoCase, settings.warmUp(), settings.measured());
          results.get(echoCase).get(kind).add(measurement);
        }
      }
    } finally {
      servers.values().forEach(Server::close);
    }
  }

  private String classPath(ServerKind kind) {
    return kind == ServerKind.BEFORE ? settings.before().orElseThrow() : CLASS_PATH;
  }

  private static final class Server implements AutoCloseable {
    private final ChildJvm jvm;
    private final int port;

    Server(ServerKind kind, String classPath) throws IOException {
      jvm = new ChildJvm(kind.mainClass, classPath, SERVER_CPU);
      port = Integer.parseInt(jvm.expect("port").get(0));
    }

    Measurement measure(ChildJvm client, EchoCase echoCase, int warmUp, int measured)
        throws IOException {
      client.tell(
          "%d %d %d %d %d %d"
              .formatted(
                  port, jvm.pid(), echoCase.connections(), echoCase.depth(), warmUp, measured));
      client.expect("begin");
      List<String> before = ask();
      List<String> seen = client.expect("end");
      List<String> after = ask();
      double requests = Math.max(1, number(seen, "requests"));
      return new Measurement(
          number(seen, "cpu") / requests,
          number(seen, "system"),
          requests * 1e9 / number(seen, "nanos"),
          number(seen, "p50"),
          number(seen, "p99"),
          (number(after, "allocated") - number(before, "allocated")) / requests,
          number(after, "collections") - number(before, "collections"));
    }

    private List<String> ask() throws IOException {
      jvm.tell("stat");
      List<String> words = new ArrayList<>(jvm.expect("allocated"));
      words.add(0, "allocated");
      return words;
    }

    private static double number(List<String> words, String key) {
      return Double.parseDouble(words.get(words.indexOf(key) + 1));
    }

    @Override
    public void close() {
      jvm.close();
    }
  }
}
