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
 * A million coroutines wait in {@code delay}, and are cancelled: what it costs to launch, arm,
 * cancel and end one of them. And the same without timers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", "-XX:+UseParallelGC"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DelayBenchmark {
  private static final int COROUTINES = 1_000_000;

  /** Whether they wait in {@code delay}, or for the cancellation alone. */
  @Param({"true", "false"})
  public boolean timers;

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
    return Scenarios.delays(COROUTINES, timers);
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(COROUTINES)
  public long reveille() {
    return peers.reveille(scenario());
  }

  /** The loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(COROUTINES)
  public long runBlocking() {
    return peers.runBlocking(scenario());
  }

  /** {@code newSingleThreadContext}. */
  @Benchmark
  @OperationsPerInvocation(COROUTINES)
  public long newSingleThreadContext() {
    return peers.newSingleThreadContext(scenario());
  }

  /** {@code Executors.newSingleThreadExecutor().asCoroutineDispatcher()}. */
  @Benchmark
  @OperationsPerInvocation(COROUTINES)
  public long executor() {
    return peers.executor(scenario());
  }

  /** {@code Dispatchers.Default.limitedParallelism(1)}. */
  @Benchmark
  @OperationsPerInvocation(COROUTINES)
  public long limitedParallelism() {
    return peers.limitedParallelism(scenario());
  }
}
