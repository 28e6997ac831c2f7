package dev.reveille.benchmarks.kotlin;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** To a foreign thread, which calls back, and on in the coroutine that waits for it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CrossThreadBenchmark {
  private static final int ROUND_TRIPS = 20_000;

  private Peers peers;
  private ExecutorService foreign;

  /** Opens the peers. */
  @Setup
  public void open() {
    peers = new Peers();
    foreign = Executors.newSingleThreadExecutor();
  }

  /** Closes the peers. */
  @TearDown
  public void close() {
    peers.close();
    foreign.shutdown();
  }

  private Scenario scenario() {
    return Scenarios.callbacks(foreign, ROUND_TRIPS);
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(ROUND_TRIPS)
  public long reveille() {
    return peers.reveille(scenario());
  }

  /** The loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(ROUND_TRIPS)
  public long runBlocking() {
    return peers.runBlocking(scenario());
  }

  /** {@code newSingleThreadContext}. */
  @Benchmark
  @OperationsPerInvocation(ROUND_TRIPS)
  public long newSingleThreadContext() {
    return peers.newSingleThreadContext(scenario());
  }

  /** {@code Executors.newSingleThreadExecutor().asCoroutineDispatcher()}. */
  @Benchmark
  @OperationsPerInvocation(ROUND_TRIPS)
  public long executor() {
    return peers.executor(scenario());
  }

  /** {@code Dispatchers.Default.limitedParallelism(1)}. */
  @Benchmark
  @OperationsPerInvocation(ROUND_TRIPS)
  public long limitedParallelism() {
    return peers.limitedParallelism(scenario());
  }
}
