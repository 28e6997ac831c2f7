package dev.reveille.benchmarks.bridge;

import dev.reveille.BasicDispatcher;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import kotlinx.coroutines.ExecutorCoroutineDispatcher;
import kotlinx.coroutines.ExecutorsKt;
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
 * {@code bridge.stream}: what a listener hears on the thread of the loop, item by item, as the one
 * who consumes it there takes it. Ten listeners; in each turn of its feed a listener hears some
 * items, and then its consumer has a turn. Nobody drops anything.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BridgeStreamBenchmark {
  private static final int STREAMS = 10;
  private static final int ITEMS = 320_000;

  /** How many items a listener hears at once. */
  @Param({"1", "16"})
  public int burst;

  private BasicDispatcher dispatcher;
  private ExecutorCoroutineDispatcher executorBacked;

  /** Opens the peers. */
  @Setup
  public void open() {
    dispatcher = new BasicDispatcher();
    executorBacked = ExecutorsKt.from(Executors.newSingleThreadExecutor());
  }

  /** Closes the peers. */
  @TearDown
  public void close() {
    dispatcher.close();
    executorBacked.close();
  }

  private LegacyFeed feed(int kind, Executor loop) {
    return LegacyFeed.of(kind, loop, ITEMS / STREAMS / burst, burst);
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public long reveille() {
    StreamTask[] tasks = new StreamTask[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
      tasks[i] = new StreamTask(feed(i, dispatcher.asExecutor()), i);
      dispatcher.post(tasks[i]);
    }
    dispatcher.runToCompletion();
    long sum = 0;
    for (StreamTask task : tasks) {
      sum += task.sum;
    }
    return sum;
  }

  /** The floor: by hand. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public long floor() {
    FloorLoop loop = new FloorLoop();
    FloorStream[] streams = new FloorStream[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
      streams[i] = new FloorStream(loop);
      streams[i].listenTo(feed(i, loop), i);
    }
    loop.run();
    long sum = 0;
    for (FloorStream stream : streams) {
      sum += stream.sum;
    }
    return sum;
  }

  /** {@code callbackFlow}, buffered without a bound, on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public long callbackFlowRunBlocking() {
    return CoroutineStreams.callbackFlows(STREAMS, this::feed);
  }

  /** {@code callbackFlow}, buffered without a bound, on a single-thread executor. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public long callbackFlowExecutor() {
    return CoroutineStreams.callbackFlows(executorBacked, STREAMS, this::feed);
  }

  /** An unlimited {@code Channel}, on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public long channelRunBlocking() {
    return CoroutineStreams.channels(STREAMS, this::feed);
  }

  /** An unlimited {@code Channel}, on a single-thread executor. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public long channelExecutor() {
    return CoroutineStreams.channels(executorBacked, STREAMS, this::feed);
  }
}
