package dev.reveille.benchmarks.spawn;

import dev.reveille.BasicDispatcher;
import dev.reveille.benchmarks.FromRelease;
import dev.reveille.benchmarks.loop.VirtualThreads;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
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

/**
 * Spawns a thousand of something small on the loop, from the loop, and runs them to completion.
 * Ours is a {@code Pollable} that is ready at once, without a name.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {VirtualThreads.ONE_CARRIER, VirtualThreads.NO_SPARE_CARRIER})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SpawnBenchmark {
  /** Of a {@link Work}: a header, a reference and an int. */
  public static final int BYTES_OF_THE_CALLER = 24;

  private static final int SPAWNED = 1000;

  /** Ours. */
  @State(Scope.Benchmark)
  public static class OnReveille {
    private final Batch batch = new Batch();
    private BasicDispatcher dispatcher;

    /** Opens the dispatcher. */
    @Setup
    public void open() {
      dispatcher = new BasicDispatcher();
    }

    /** Closes the dispatcher. */
    @TearDown
    public void close() {
      dispatcher.close();
    }

    private void spawnAll() {
      for (int i = 0; i < SPAWNED; i++) {
        dispatcher.spawn(Work.of(batch, i));
      }
    }
  }

  /** The JDK's executor. */
  @State(Scope.Benchmark)
  public static class OnExecutor {
    private final Batch batch = new Batch();
    private final Semaphore done = new Semaphore(0);
    private ExecutorService executor;

    /** Starts the thread. */
    @Setup
    public void open() {
      executor = Executors.newSingleThreadExecutor();
    }

    /** Ends the thread. */
    @TearDown
    public void close() {
      executor.shutdownNow();
    }

    private void spawnAll() {
      batch.left = SPAWNED;
      for (int i = 0; i < SPAWNED; i++) {
        CompletableFuture.runAsync(Work.of(batch, i), executor)
            .thenRun(
                () -> {
                  if (--batch.left == 0) {
                    done.release();
                  }
                });
      }
    }
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(SPAWNED)
  public long reveille(OnReveille on) {
    on.dispatcher.post(on::spawnAll);
    on.dispatcher.runToCompletion();
    return on.batch.sum;
  }

  /** The floor: the same objects in a deque. */
  @Benchmark
  @OperationsPerInvocation(SPAWNED)
  public long floor() {
    Batch batch = new Batch();
    ArrayDeque<Work> ready = new ArrayDeque<>(SPAWNED + 1);
    for (int i = 0; i < SPAWNED; i++) {
      ready.add(Work.of(batch, i));
    }
    for (Work work = ready.poll(); work != null; work = ready.poll()) {
      work.run();
    }
    return batch.sum;
  }

  /** {@code launch} on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(SPAWNED)
  public long kotlinRunBlocking() {
    return CoroutineSpawns.inRunBlocking(SPAWNED);
  }

  /** {@code CompletableFuture.runAsync} on a single-thread executor. */
  @Benchmark
  @OperationsPerInvocation(SPAWNED)
  public long completableFuture(OnExecutor on) throws InterruptedException {
    on.executor.execute(on::spawnAll);
    on.done.acquire();
    return on.batch.sum;
  }

  /** Virtual threads, started and joined by a virtual thread, with one carrier. */
  @Benchmark
  @FromRelease(VirtualThreads.FIRST_RELEASE)
  @OperationsPerInvocation(SPAWNED)
  public long virtualThreads() throws InterruptedException {
    Batch batch = new Batch();
    VirtualThreads.start(() -> startAndJoin(batch)).join();
    return batch.sum;
  }

  private static void startAndJoin(Batch batch) {
    Thread[] threads = new Thread[SPAWNED];
    for (int i = 0; i < SPAWNED; i++) {
      threads[i] = VirtualThreads.start(Work.of(batch, i));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
