package dev.reveille.benchmarks.cross;

import dev.reveille.benchmarks.FromRelease;
import dev.reveille.benchmarks.loop.VirtualThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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
 * {@code cross.post1} and {@code cross.post3}: callbacks that foreign threads post to a loop. The
 * callbacks exist from the beginning; each arrival is counted, and so is their order.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {VirtualThreads.ONE_CARRIER, VirtualThreads.NO_SPARE_CARRIER})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CrossPostBenchmark {
  /** Divides by 1 and by 3. */
  private static final int POSTS = 120_000;

  private static final int ROUNDS = 4;

  /** How many foreign threads post. */
  @Param({"1", "3"})
  public int senders;

  private final Loops loops = new Loops();
  private Senders foreign;
  private boolean fifo;

  /** Opens the loop of the competitor. */
  @Setup(Level.Trial)
  public void open(BenchmarkParams params) {
    String competitor = Senders.competitor(params);
    Executor loop = loops.executor(competitor);
    fifo = Senders.isFifo(competitor);
    foreign = new Senders(senders, POSTS / ROUNDS);
    foreign.fill((sender, index) -> SleepingCallback.of(loop, sender, index));
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

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void reveille() throws Exception {
    foreign.send(ROUNDS);
  }

  /** The floor: a stack with one CAS a push, and a parked thread. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void floor() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Netty's {@code DefaultEventLoop}. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void netty() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Netty's event loop with {@code NioIoHandler}. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void nettyNio() throws Exception {
    foreign.send(ROUNDS);
  }

  /** Netty's event loop with {@code EpollIoHandler}, where it loads. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void nettyEpoll() throws Exception {
    foreign.send(ROUNDS);
  }

  /** {@code Context.runOnContext} of Vert.x. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void vertx() throws Exception {
    foreign.send(ROUNDS);
  }

  /** {@code Executors.newSingleThreadExecutor()}. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void singleThreadExecutor() throws Exception {
    foreign.send(ROUNDS);
  }

  /** {@code ForkJoinPool(1)} in FIFO mode. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void forkJoinPool() throws Exception {
    foreign.send(ROUNDS);
  }

  /** {@code newSingleThreadContext} of kotlinx.coroutines, as an executor. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void kotlinSingleThreadContext() throws Exception {
    foreign.send(ROUNDS);
  }

  /** The loop of {@code runBlocking}, as an executor. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public void kotlinRunBlocking() throws Exception {
    foreign.send(ROUNDS);
  }

  /** A virtual thread for each callback, on one carrier; JDK 21. */
  @Benchmark
  @FromRelease(VirtualThreads.FIRST_RELEASE)
  @OperationsPerInvocation(POSTS)
  public void virtualThreads() throws Exception {
    foreign.send(ROUNDS);
  }
}
