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

/**
 * What {@code yieldNow()} costs in the main flow of a coroutine task, against {@code yield()} of
 * kotlinx.coroutines on each of the dispatchers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class YieldNowBenchmark {
  private static final int YIELDS = 1_000_000;

  /** How many coroutines yield in turn. */
  @Param({"1", "1000"})
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
    return Scenarios.yields(coroutines, YIELDS / coroutines);
  }

  /** Ours: {@code yieldNow()} in a {@code coroutineTask}. */
  @Benchmark
  @OperationsPerInvocation(YIELDS)
  public long reveille() {
    return peers.reveilleTasks(coroutines, Scenarios.yieldsNow(YIELDS / coroutines));
  }

  /** {@code yield()} in ordinary coroutines of ours. */
  @Benchmark
  @OperationsPerInvocation(YIELDS)
  public long reveilleYield() {
    return peers.reveille(scenario());
  }

  /** The loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(YIELDS)
  public long runBlocking() {
    return peers.runBlocking(scenario());
  }

  /** {@code newSingleThreadContext}. */
  @Benchmark
  @OperationsPerInvocation(YIELDS)
  public long newSingleThreadContext() {
    return peers.newSingleThreadContext(scenario());
  }

  /** {@code Executors.newSingleThreadExecutor().asCoroutineDispatcher()}. */
  @Benchmark
  @OperationsPerInvocation(YIELDS)
  public long executor() {
    return peers.executor(scenario());
  }

  /** {@code Dispatchers.Default.limitedParallelism(1)}. */
  @Benchmark
  @OperationsPerInvocation(YIELDS)
  public long limitedParallelism() {
    return peers.limitedParallelism(scenario());
  }
}
