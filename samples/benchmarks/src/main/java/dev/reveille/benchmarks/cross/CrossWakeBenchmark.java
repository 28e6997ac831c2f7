package dev.reveille.benchmarks.cross;

import dev.reveille.benchmarks.FromRelease;
import dev.reveille.benchmarks.loop.VirtualThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * {@code cross.wake}: two loops that wake each other in turn, each on a thread of its own; while
 * one runs the other parks, or is about to.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {VirtualThreads.ONE_CARRIER, VirtualThreads.NO_SPARE_CARRIER})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CrossWakeBenchmark {
  /** Even: the ball comes back. */
  private static final int WAKES = 10_000;

  private final Loops loops = new Loops();
  private final List<AutoCloseable> threads = new ArrayList<>();
  private Game game;
  private Player first;

  /** Opens two loops of the competitor. */
  @Setup(Level.Trial)
  public void open(BenchmarkParams params) throws InterruptedException {
    game = new Game();
    String competitor = Senders.competitor(params);
    first = player(competitor, 0);
    Player.pair(first, player(competitor, 1));
  }

  private Player player(String competitor, int side) throws InterruptedException {
    return switch (competitor) {
      case "reveille" -> {
        Player.OfTask player = new Player.OfTask(game, side);
        loops.reveille().post(player.task);
        player.sleeps.await();
        yield player;
      }
      case "floor" -> thread(side, this::platform);
      case "virtualThreads" -> thread(side, side == 0 ? this::platform : VirtualThreads::start);
      case "kotlinSingleThreadContext", "kotlinExecutor", "kotlinRunBlocking" ->
          new PlayingCoroutine(game, side, loops.kotlin(competitor));
      default -> new Player.OfExecutor(game, side, loops.executor(competitor));
    };
  }

  private Thread platform(Runnable body) {
    Thread thread = new Thread(body, "player");
    thread.start();
    return thread;
  }

  private Player thread(int side, Function<Runnable, Thread> starter) {
    Player.OfThread player = new Player.OfThread(game, side, starter);
    threads.add(player);
    return player;
  }

  /** Closes the loops. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    loops.close();
    for (AutoCloseable thread : threads) {
      thread.close();
    }
  }

  private void play() {
    game.begin(WAKES);
    first.wake();
    game.awaitEnd();
  }

  /** Ours: two tasks. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void reveille() {
    play();
  }

  /** The floor: two threads and {@code LockSupport}. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void floor() {
    play();
  }

  /** Reusable callbacks on two of Netty's {@code DefaultEventLoop}. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void netty() {
    play();
  }

  /** Reusable callbacks on two of Netty's event loops with {@code NioIoHandler}. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void nettyNio() {
    play();
  }

  /**
   * Reusable callbacks on two of Netty's event loops with {@code EpollIoHandler}, where it loads.
   */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void nettyEpoll() {
    play();
  }

  /** Reusable callbacks, {@code Context.runOnContext} of two Vert.x. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void vertx() {
    play();
  }

  /** Reusable callbacks on two {@code Executors.newSingleThreadExecutor()}. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void singleThreadExecutor() {
    play();
  }

  /** Reusable callbacks on two {@code ForkJoinPool(1)} in FIFO mode. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void forkJoinPool() {
    play();
  }

  /** Coroutines on two {@code newSingleThreadContext}, resumed. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void kotlinSingleThreadContext() {
    play();
  }

  /** Coroutines on two single-thread executors, resumed. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void kotlinExecutor() {
    play();
  }

  /** Coroutines on the loops of two {@code runBlocking}, resumed. */
  @Benchmark
  @OperationsPerInvocation(WAKES)
  public void kotlinRunBlocking() {
    play();
  }

  /** A thread and a virtual thread, since two virtual threads would share a carrier; JDK 21. */
  @Benchmark
  @FromRelease(VirtualThreads.FIRST_RELEASE)
  @OperationsPerInvocation(WAKES)
  public void virtualThreads() {
    play();
  }
}
