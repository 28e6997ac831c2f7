package dev.reveille.benchmarks.echo;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One of the servers, in a process of its own, and the client's load on it. */
final class EchoServer implements AutoCloseable {
  private final ServerKind kind;
  private final ChildJvm client;
  private final ChildJvm jvm;
  private final int port;

  /** Of the slices since {@link #open}. */
  private final Map<String, Double> sums = new HashMap<>();

  EchoServer(ServerKind kind, String classPath, int cpu, ChildJvm client) throws IOException {
    this.kind = kind;
    this.client = client;
    jvm = new ChildJvm(kind.mainClass, classPath, cpu);
    port = Integer.parseInt(jvm.expect("port").get(0));
  }

  void open(EchoCase echoCase) {
    sums.clear();
    client.tell(
        "open %s %d %d %d %d"
            .formatted(kind.label, port, jvm.pid(), echoCase.connections(), echoCase.depth()));
  }

  /** Measures one slice; its arguments as in {@link EchoLoad#run}. */
  void slice(int warmUp, int minBatches, int measured) throws IOException {
    client.tell("run %s %d %d %d".formatted(kind.label, warmUp, minBatches, measured));
    client.expect("begin");
    ask(-1);
    add(client.expect("end"), 1);
    ask(1);
  }

  Measurement finish() throws IOException {
    client.tell("close " + kind.label);
    add(client.expect("closed"), 1);
    double requests = Math.max(1, sum("requests"));
    return new Measurement(
        sum("cpu") / requests,
        sum("system") / Math.max(1, sum("cpu")),
        requests * 1e9 / sum("nanos"),
        sum("p50"),
        sum("p99"),
        sum("allocated") / requests,
        sum("collections"));
  }

  /** What the server says of itself, added to the sums after a slice and taken off before it. */
  private void ask(int sign) throws IOException {
    jvm.tell("stat");
    add(jvm.expect("so"), sign);
  }

  /** Names, each with its number. */
  private void add(List<String> words, int sign) {
    for (int i = 0; i < words.size(); i += 2) {
      sums.merge(words.get(i), sign * Double.parseDouble(words.get(i + 1)), Double::sum);
    }
  }

  private double sum(String name) {
    return sums.getOrDefault(name, 0.0);
  }

  @Override
  public void close() {
    jvm.close();
  }
}
