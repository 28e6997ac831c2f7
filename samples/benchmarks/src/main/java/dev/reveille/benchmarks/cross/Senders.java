package dev.reveille.benchmarks.cross;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.openjdk.jmh.infra.BenchmarkParams;

/** The foreign threads of a benchmark. The calling thread is one of them. */
final class Senders implements AutoCloseable {
  /** Makes what a sender wakes. */
  interface Factory {
    Sleeper make(Sender sender, int index);
  }

  private final List<Sender> senders = new ArrayList<>();
  private final ExecutorService others = Executors.newCachedThreadPool();

  /**
   * Makes the senders.
   *
   * @param count how many
   * @param sleepers how many all of them have together
   */
  Senders(int count, int sleepers) {
    for (int i = 0; i < count; i++) {
      senders.add(new Sender(sleepers * (i + 1) / count - sleepers * i / count));
    }
  }

  /** The name of the method that runs. */
  static String competitor(BenchmarkParams params) {
    String name = params.getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Whether a competitor promises that posts of a thread keep their order. */
  static boolean isFifo(String competitor) {
    return !competitor.equals("forkJoinPool") && !competitor.equals("virtualThreads");
  }

  void fill(Factory factory) {
    for (Sender sender : senders) {
      for (int i = 0; i < sender.size(); i++) {
        sender.add(i, factory.make(sender, i));
      }
    }
  }

  /** For sleepers that run once to begin with. */
  void awaitStart() {
    for (Sender sender : senders) {
      sender.awaitStart();
    }
  }

  void send(int rounds) throws InterruptedException, ExecutionException {
    List<Future<?>> running = new ArrayList<>();
    for (Sender sender : senders.subList(1, senders.size())) {
      running.add(others.submit(() -> sender.send(rounds)));
    }
    senders.get(0).send(rounds);
    for (Future<?> sent : running) {
      sent.get();
    }
  }

  void check(boolean fifo) {
    for (Sender sender : senders) {
      sender.check(fifo);
    }
  }

  @Override
  public void close() {
    others.shutdown();
  }
}
