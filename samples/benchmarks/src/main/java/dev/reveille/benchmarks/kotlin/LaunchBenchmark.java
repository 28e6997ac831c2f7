package dev.reveille.benchmarks.kotlin;

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

/** What it costs to launch a coroutine that does nothing, to run it and to join it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LaunchBenchmark {
  private static final int LAUNCHES = 100_000;

  /** How many are launched before they are joined. */
  @Param("1000")
  public int coroutines;

  private Peers peers;

  /** Opens the peers. */
  @Setup
  public void open() {
    peers = new Peers();
  }

  /** Closes the peers. */
  @TearDown
  public void close() {
    peers.close();
  }

  private Scenario scenario() {
    return Scenarios.launches(coroutines, LAUNCHES / coroutines);
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(LAUNCHES)
  public long reveille() {
    return peers.reveille(scenario());
  }

  /** The floor: a deque of runnables, by hand. */
  @Benchmark
  @OperationsPerInvocation(LAUNCHES)
  public long floor() {
    return peers.floor(scenario());
  }

  /** The loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(LAUNCHES)
  public long runBlocking() {
    return peers.runBlocking(scenario());
  }

  /** {@code newSingleThreadContext}. */
  @Benchmark
  @OperationsPerInvocation(LAUNCHES)
  public long newSingleThreadContext() {
    return peers.newSingleThreadContext(scenario());
  }

  /** {@code Executors.newSingleThreadExecutor().asCoroutineDispatcher()}. */
  @Benchmark
  @OperationsPerInvocation(LAUNCHES)
  public long executor() {
    return peers.executor(scenario());
  }

  /** {@code Dispatchers.Default.limitedParallelism(1)}. */
  @Benchmark
  @OperationsPerInvocation(LAUNCHES)
  public long limitedParallelism() {
    return peers.limitedParallelism(scenario());
  }
}
