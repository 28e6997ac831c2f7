package dev.reveille.samples.benchmarks.echo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The client, the same for all servers: a selector loop by hand. For each line of its standard
 * input, {@code port pid connections depth warm-up-millis measured-millis}, it drives a server,
 * says {@code begin} where the measured interval begins, and at its end what it has seen. It reads
 * the server's CPU time itself, at the very ends of the interval.
 */
public final class EchoClient {
  private static final int MIN_BATCHES = 5_000;
  private static final int MIN_BATCHES_EACH = 20;

  /** Patience, in times of the time that a warm-up lasts at least. */
  private static final int MAX_WARM_UPS = 8;

  private final Selector selector = Selector.open();
  private final List<EchoConnection> connections = new ArrayList<>();
  private final Consumer<SelectionKey> action = this::selected;
  private final int depth;

  private Latencies latencies = new Latencies();
  private long requests;
  private boolean stopping;

  private EchoClient(int port, int count, int depth) throws IOException {
    this.depth = depth;
    for (int i = 0; i < count; i++) {
      connections.add(new EchoConnection(port, depth, i, selector));
    }
  }

  /**
   * Obeys standard input until it ends.
   *
   * @param args none
   * @throws IOException if a server can not be reached, or echoes something else
   */
  public static void main(String[] args) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> words = List.of(line.split(" "));
      var client =
          new EchoClient(
              Integer.parseInt(words.get(0)),
              Integer.parseInt(words.get(2)),
              Integer.parseInt(words.get(3)));
      client.run(
          Long.parseLong(words.get(1)),
          TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words.get(4))),
          TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words.get(5))));
    }
  }

  private void run(long pid, long warmUp, long measured) throws IOException {
    for (EchoConnection connection : connections) {
      connection.send();
    }
    warmUp(warmUp);

    System.out.println("begin");
    latencies = new Latencies();
    requests = 0;
    ServerCpu before = ServerCpu.of(pid);
    long begin = System.nanoTime();
    serveUntil(begin + measured);
    long nanos = System.nanoTime() - begin;
    ServerCpu after = ServerCpu.of(pid);
    System.out.printf(
        Locale.ROOT,
        "end requests %d nanos %d cpu %d system %.2f p50 %d p99 %d%n",
        requests,
        nanos,
        after.nanosSince(before),
        after.systemShareSince(before),
        latencies.percentile(50),
        latencies.percentile(99));

    stopping = true; // what is under way comes back first: a reset would disturb the server
    for (EchoConnection connection : connections) {
      while (connection.isWaiting()) {
        selector.select(action);
      }
      connection.close();
    }
    selector.close();
  }

  /**
   * For some time, and until so many batches have come back that the server is compiled for them:
   * on a busy machine the time alone says little.
   */
  private void warmUp(long nanos) throws IOException {
    long begin = System.nanoTime();
    long enough = (long) depth * Math.max(MIN_BATCHES, MIN_BATCHES_EACH * connections.size());
    serveUntil(begin + nanos);
    while (requests < enough && System.nanoTime() - begin < MAX_WARM_UPS * nanos) {
      selector.select(action);
    }
  }

  private void serveUntil(long deadline) throws IOException {
    while (deadline - System.nanoTime() > 0) {
      selector.select(action);
    }
  }

  private void selected(SelectionKey key) {
    EchoConnection connection = (EchoConnection) key.attachment();
    try {
      long nanos = connection.receive();
      if (nanos >= 0) {
        latencies.record(nanos);
        requests += depth;
        if (!stopping) {
          connection.send();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
