package dev.reveille.benchmarks.cross;

import dev.reveille.BasicDispatcher;
import dev.reveille.benchmarks.FromRelease;
import dev.reveille.benchmarks.loop.VirtualThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import kotlinx.coroutines.CoroutineScope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * {@code cross.wake3}: three foreign threads wake 1000 tasks, each of them again only after it ran.
 * Beside our tasks stand coroutines and virtual threads, and reusable callbacks that are posted to
 * the peers, and to ours.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {VirtualThreads.ONE_CARRIER, VirtualThreads.NO_SPARE_CARRIER})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CrossTasksBenchmark {
  private static final int ROUNDS = 100;
  private static final int TASKS = 1000;
  private static final int WAKES = TASKS * ROUNDS;

  /** How many foreign threads wake. */
  @Param("3")
  public int senders;

  private final Loops loops = new Loops();
  private Senders foreign;
  private boolean fifo;

  /** Opens the loop of the competitor. */
  @Setup(Level.Trial)
  public void open(BenchmarkParams params) {
    String competitor = Senders.competitor(params);
    foreign = new Senders(senders, TASKS);
    // A coroutine that is resumed before it has quite gone to sleep goes on without the queue.
    fifo = Senders.isFifo(competitor) && !competitor.startsWith("kotlin");
    switch (competitor) {
      case "reveille" -> {
        BasicDispatcher dispatcher = loops.reveille();
        foreign.fill(
            (sender, index) -> {
              SleepingTask task = SleepingTask.of(sender, index);
              dispatcher.post(task);
              return task;
            });
        foreign.awaitStart();
      }
      case "floor" -> {
        FloorLoop loop = loops.floor();
        foreign.fill(
            (sender, index) -> new FloorLoop.Woken(loop, SleepingCallback.of(loop, sender, index)));
      }
      case "kotlinSingleThreadContext", "kotlinExecutor", "kotlinRunBlocking" -> {
        CoroutineScope scope = SleepingCoroutine.scope(loops.kotlin(competitor));
        foreign.fill((sender, index) -> new SleepingCoroutine(scope, sender, index));
        foreign.awaitStart();
      }
      case "virtualThreads" -> {
        foreign.fill(SleepingThread::new);
        foreign.awaitStart();
      }
      default -> {
        Executor loop = loops.executor(competitor);
        foreign.fill((sender, index) -> SleepingCallback.of(loop, sender, index));
      }
    }
  }

  /** Nothing is lost, nothing comes twice, nothing overtakes. */
  @TearDown(Level.Iteration)
  public void check() {
    foreign.check(fifo);
  }

  /** Closes the loop. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    foreign.close();
    loops.close();
  }

  /** Ours: tasks, woken. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void reveille() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Reusable callbacks, posted to our loop. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void reveillePosts() throws Exception {
    foreign.send(ROUNDS);
  }

  /** The floor: each is the node of the stack itself. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void floor() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Reusable callbacks on Netty's {@code DefaultEventLoop}. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void netty() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Reusable callbacks on Netty's event loop with {@code NioIoHandler}. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void nettyNio() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Reusable callbacks on Netty's event loop with {@code EpollIoHandler}, where it loads. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void nettyEpoll() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Reusable callbacks, {@code Context.runOnContext} of Vert.x. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void vertx() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Reusable callbacks on {@code Executors.newSingleThreadExecutor()}. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void singleThreadExecutor() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Reusable callbacks on {@code ForkJoinPool(1)} in FIFO mode. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void forkJoinPool() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Coroutines on a {@code newSingleThreadContext}, resumed. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void kotlinSingleThreadContext() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Coroutines on a single-thread executor, resumed. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void kotlinExecutor() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Coroutines on the loop of {@code runBlocking}, resumed. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void kotlinRunBlocking() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Virtual threads on one carrier, unparked; JDK 21. */
  @Benchmark
  @FromRelease(VirtualThreads.FIRST_RELEASE)
  @OperationsPerInvocation(WAKES)
  public void virtualThreads() throws Exception {
    foreign.send(ROUNDS);
  }
}
