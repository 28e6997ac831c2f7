package dev.reveille.benchmarks.hop;

import dev.reveille.BasicDispatcher;
import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one hop costs: a task wakes itself, goes to the back of the queue and is polled again.
 * Against runnables that submit themselves to the JDK's executors, and a plain ring of the same
 * steps.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HopBenchmark {
  private static final int HOPS = 1_000_000;

  /** How many tasks hop in turn. */
  @Param({"1", "1000"})
  public int tasks;

  private BasicDispatcher dispatcher;
  private ExecutorService singleThread;
  private ForkJoinPool forkJoin;

  /** Opens the peers. */
  @Setup
  public void open() {
    dispatcher = new BasicDispatcher();
    singleThread = Executors.newSingleThreadExecutor();
    forkJoin = new ForkJoinPool(1, ForkJoinPool.defaultForkJoinWorkerThreadFactory, null, true);
  }

  /** Closes the peers. */
  @TearDown
  public void close() {
    dispatcher.close();
    singleThread.shutdown();
    forkJoin.shutdown();
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void reveille() {
    for (int i = 0; i < tasks; i++) {
      dispatcher.post(HopTasks.of(i, HOPS / tasks));
    }
    dispatcher.runToCompletion();
  }

  /** The floor: a deque of the same objects, no thread-safety, no waiting, no failure. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public long floor() {
    ArrayDeque<HopTasks.Hop> ring = new ArrayDeque<>(tasks + 1);
    for (int i = 0; i < tasks; i++) {
      ring.add(HopTasks.of(i, HOPS / tasks));
    }
    long value = 0;
    for (HopTasks.Hop hop = ring.poll(); hop != null; hop = ring.poll()) {
      hop.value = hop.step(hop.value);
      if (--hop.left > 0) {
        ring.add(hop);
      } else {
        value += hop.value;
      }
    }
    return value;
  }

  /** {@code Executors.newSingleThreadExecutor()}. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void singleThreadExecutor() throws InterruptedException {
    resubmit(singleThread);
  }

  /** {@code ForkJoinPool(1)} in FIFO mode. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void forkJoinPool() throws InterruptedException {
    resubmit(forkJoin);
  }

  private void resubmit(ExecutorService executor) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(tasks);
    for (int i = 0; i < tasks; i++) {
      executor.execute(new Resubmit(executor, HopTasks.of(i, HOPS / tasks), done));
    }
    done.await();
  }

  private record Resubmit(ExecutorService executor, HopTasks.Hop hop, CountDownLatch done)
      implements Runnable {
    @Override
    public void run() {
      hop.value = hop.step(hop.value);
      if (--hop.left > 0) {
        executor.execute(this);
      } else {
        done.countDown();
      }
    }
  }
}
