package dev.reveille.benchmarks.hop;

import dev.reveille.BasicDispatcher;
import dev.reveille.benchmarks.FromRelease;
import dev.reveille.benchmarks.loop.HandoverTurnstile;
import dev.reveille.benchmarks.loop.PeerLoop;
import dev.reveille.benchmarks.loop.StoppingTurnstile;
import dev.reveille.benchmarks.loop.VirtualThreads;
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
 *
 * <p>The tasks are posted once and never end; an invocation is a million hops of theirs. All
 * competitors have them in five classes; a task that is alone changes its class from invocation to
 * invocation.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xms3g",
      "-Xmx3g",
      VirtualThreads.ONE_CARRIER,
      VirtualThreads.NO_SPARE_CARRIER
    })
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HopBenchmark {
  private static final int HOPS = 1_000_000;

  /** How many. */
  @State(Scope.Benchmark)
  public abstract static class Crowd {
    /** How many tasks hop in turn. */
    @Param({"1", "1000", "1000000"})
    public int tasks;

    final boolean alone() {
      return tasks == 1;
    }
  }

  /** Ours. */
  public static class OnReveille extends Crowd {
    private BasicDispatcher dispatcher;
    private StoppingTurnstile turnstile;

    /** Posts the tasks. */
    @Setup
    public void open() {
      dispatcher = new BasicDispatcher();
      turnstile = new StoppingTurnstile(dispatcher);
      for (int i = 0; i < tasks; i++) {
        dispatcher.post(HopTasks.of(i, turnstile, alone()));
      }
    }

    /** Cancels the tasks. */
    @TearDown
    public void close() {
      dispatcher.close();
    }
  }

  /** The floor. */
  public static class OnRing extends Crowd {
    private HopRing ring;

    /** Makes the tasks. */
    @Setup
    public void open() {
      ring = new HopRing(tasks);
    }
  }

  /** A loop with a thread of its own. */
  public abstract static class OnThread extends Crowd {
    HandoverTurnstile turnstile = HandoverTurnstile.parking();

    abstract void start();

    void end() {}

    /** Starts the tasks. */
    @Setup
    public void open() throws InterruptedException {
      start();
      turnstile.awaitStart();
    }

    /** Ends them. */
    @TearDown
    public void close() {
      turnstile.close();
      end();
    }

    final void hop() throws InterruptedException {
      turnstile.run(HOPS);
    }
  }

  /** A peer that takes runnables. */
  public abstract static class OnExecutor extends OnThread {
    @SuppressWarnings("NullAway.Init") // by start()
    private PeerLoop loop;

    abstract PeerLoop loop();

    @Override
    void start() {
      loop = loop();
      for (int i = 0; i < tasks; i++) {
        loop.executor().execute(HopRunnable.of(i, loop.executor(), turnstile, alone()));
      }
    }

    @Override
    void end() {
      loop.close();
    }
  }

  /** Netty without I/O. */
  public static class OnNetty extends OnExecutor {
    @Override
    PeerLoop loop() {
      return PeerLoop.netty();
    }
  }

  /** Netty on a selector. */
  public static class OnNettyNio extends OnExecutor {
    @Override
    PeerLoop loop() {
      return PeerLoop.nettyNio();
    }
  }

  /** Netty on epoll. */
  public static class OnNettyEpoll extends OnExecutor {
    @Override
    PeerLoop loop() {
      return PeerLoop.nettyEpoll();
    }
  }

  /** Vert.x. */
  public static class OnVertx extends OnExecutor {
    @Override
    PeerLoop loop() {
      return PeerLoop.vertx();
    }
  }

  /** The JDK's executor. */
  public static class OnSingleThreadExecutor extends OnExecutor {
    @Override
    PeerLoop loop() {
      return PeerLoop.singleThreadExecutor();
    }
  }

  /** The JDK's pool. */
  public static class OnForkJoinPool extends OnExecutor {
    @Override
    PeerLoop loop() {
      return PeerLoop.forkJoinPool();
    }
  }

  /** On the loop of {@code runBlocking}. */
  public static class OnRunBlocking extends OnThread {
    @SuppressWarnings("NullAway.Init") // by start()
    private Thread thread;

    @Override
    void start() {
      thread = CoroutineHops.inRunBlocking(tasks, turnstile);
    }

    @Override
    void end() {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** On a single-thread executor as a dispatcher. */
  public static class OnKotlinExecutor extends OnThread {
    @SuppressWarnings("NullAway.Init") // by start()
    private PeerLoop loop;

    @Override
    void start() {
      loop = PeerLoop.singleThreadExecutor();
      CoroutineHops.on(loop.executor(), tasks, turnstile);
    }

    @Override
    void end() {
      loop.close();
    }
  }

  /** In virtual threads. */
  public static class InVirtualThreads extends OnThread {
    @Override
    void start() {
      turnstile = HandoverTurnstile.spinning();
      for (int i = 0; i < tasks; i++) {
        VirtualHops.start(i, turnstile, alone());
      }
    }
  }

  /** Ours: a task that wakes itself. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void reveille(OnReveille hops) {
    hops.turnstile.run(HOPS);
  }

  /** The floor: a ring. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void floor(OnRing hops) {
    hops.ring.run(HOPS);
  }

  /** {@code DefaultEventLoop}. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void netty(OnNetty hops) throws InterruptedException {
    hops.hop();
  }

  /** Netty's event loop on a {@code Selector}. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void nettyNio(OnNettyNio hops) throws InterruptedException {
    hops.hop();
  }

  /** Netty's event loop on its own epoll. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void nettyEpoll(OnNettyEpoll hops) throws InterruptedException {
    hops.hop();
  }

  /** {@code runOnContext} of Vert.x. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void vertx(OnVertx hops) throws InterruptedException {
    hops.hop();
  }

  /** {@code Executors.newSingleThreadExecutor()}. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void singleThreadExecutor(OnSingleThreadExecutor hops) throws InterruptedException {
    hops.hop();
  }

  /** {@code ForkJoinPool(1)}, first in, first out. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void forkJoinPool(OnForkJoinPool hops) throws InterruptedException {
    hops.hop();
  }

  /** Coroutines that {@code yield()}, on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void kotlinRunBlocking(OnRunBlocking hops) throws InterruptedException {
    hops.hop();
  }

  /** Coroutines that {@code yield()}, on a single-thread executor. */
  @Benchmark
  @OperationsPerInvocation(HOPS)
  public void kotlinExecutor(OnKotlinExecutor hops) throws InterruptedException {
    hops.hop();
  }

  /** {@code Thread.yield()} in virtual threads with one carrier. */
  @Benchmark
  @FromRelease(VirtualThreads.FIRST_RELEASE)
  @OperationsPerInvocation(HOPS)
  public void virtualThreads(InVirtualThreads hops) throws InterruptedException {
    hops.hop();
  }
}
