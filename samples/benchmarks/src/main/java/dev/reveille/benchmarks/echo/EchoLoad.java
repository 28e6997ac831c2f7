package dev.reveille.benchmarks.echo;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The connections to one server, and a selector loop by hand that keeps a batch under way on each
 * of them while it runs. Between runs nothing is under way. Reads the server's CPU time itself, at
 * the very ends of the measured interval.
 */
final class EchoLoad {
  /** Patience, in times of the time that a warm-up lasts at least. */
  private static final int MAX_WARM_UPS = 8;

  private final Selector selector = Selector.open();
  private final List<EchoConnection> connections = new ArrayList<>();
  private final Consumer<SelectionKey> action = this::selected;
  private final Latencies latencies = new Latencies();
  private final long pid;
  private final int depth;

  private long batches;
  private boolean measuring;
  private boolean stopping;

  EchoLoad(int port, long pid, EchoCase echoCase) throws IOException {
    this.pid = pid;
    this.depth = echoCase.depth();
    for (int i = 0; i < echoCase.connections(); i++) {
      connections.add(new EchoConnection(port, depth, i, selector));
    }
  }

  /**
   * Drives the server.
   *
   * @param warmUp milliseconds before the measured interval, at least
   * @param minBatches how many batches have to come back in the warm-up, within patience, so that
   *     the server is compiled: on a busy machine the time alone says little
   * @param measured milliseconds of the measured interval
   */
  void run(long warmUp, int minBatches, long measured, PrintStream out) throws IOException {
    batches = 0;
    stopping = false;
    for (EchoConnection connection : connections) {
      connection.send();
    }
    long nanos = TimeUnit.MILLISECONDS.toNanos(warmUp);
    long start = System.nanoTime();
    serveUntil(start + nanos);
    while (batches < minBatches && System.nanoTime() - start < MAX_WARM_UPS * nanos) {
      selector.select(action);
    }
    measure(TimeUnit.MILLISECONDS.toNanos(measured), out);
    stopping = true; // what is under way comes back first: a reset would disturb the server
    for (EchoConnection connection : connections) {
      while (connection.isWaiting()) {
        selector.select(action);
      }
    }
  }

  private void measure(long nanos, PrintStream out) throws IOException {
    out.println("begin");
    ServerCpu before = ServerCpu.of(pid);
    batches = 0;
    measuring = true;
    long begin = System.nanoTime();
    serveUntil(begin + nanos);
    long took = System.nanoTime() - begin;
    measuring = false;
    long requests = batches * depth;
    ServerCpu after = ServerCpu.of(pid);
    long cpu = after.nanosSince(before);
    out.printf(
        Locale.ROOT,
        "end requests %d nanos %d cpu %d system %.0f%n",
        requests,
        took,
        cpu,
        cpu * after.systemShareSince(before));
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
      if (nanos < 0) {
        return;
      }
      batches++;
      if (measuring) {
        latencies.record(nanos);
      }
      if (!stopping) {
        connection.send();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void close(PrintStream out) throws IOException {
    for (EchoConnection connection : connections) {
      connection.close();
    }
    selector.close();
    out.printf("closed p50 %d p99 %d%n", latencies.percentile(50), latencies.percentile(99));
  }
}
