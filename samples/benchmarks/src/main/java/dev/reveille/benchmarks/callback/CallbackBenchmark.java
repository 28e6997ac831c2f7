package dev.reveille.benchmarks.callback;

import dev.reveille.BasicDispatcher;
import dev.reveille.benchmarks.hop.HopRing;
import dev.reveille.benchmarks.hop.HopRunnable;
import dev.reveille.benchmarks.loop.HandoverTurnstile;
import dev.reveille.benchmarks.loop.PeerLoop;
import dev.reveille.benchmarks.loop.StoppingTurnstile;
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
 * What a callback costs that posts itself: the same runnables for all, in five classes, and on ours
 * in the same queue as the tasks. They are posted once and never end.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallbackBenchmark {
  private static final int HOPS = 1_000_000;

  /** How many. */
  @State(Scope.Benchmark)
  public abstract static class Crowd {
    /** How many runnables post themselves in turn. */
    @Param({"1", "1000"})
    public int tasks;
  }

  /** Ours. */
  public static class OnReveille extends Crowd {
    private BasicDispatcher dispatcher;
    private StoppingTurnstile turnstile;

    /** Posts the runnables. */
    @Setup
    public void open() {
      dispatcher = new BasicDispatcher();
      turnstile = new StoppingTurnstile(dispatcher);
      for (int i = 0; i < tasks; i++) {
        dispatcher.post(HopRunnable.of(i, dispatcher::post, turnstile, tasks == 1));
      }
    }

    /** Drops them. */
    @TearDown
    public void close() {
      dispatcher.close();
    }
  }

  /** The floor. */
  public static class OnRing extends Crowd {
    private HopRing ring;

    /** Makes the runnables. */
    @Setup
    public void open() {
      ring = new HopRing(tasks);
    }
  }

  /** A peer. */
  public abstract static class OnExecutor extends Crowd {
    private final HandoverTurnstile turnstile = HandoverTurnstile.parking();
    private PeerLoop loop;

    abstract PeerLoop loop();

    /** Posts the runnables. */
    @Setup
    public void open() throws InterruptedException {
      loop = loop();
      for (int i = 0; i < tasks; i++) {
        loop.executor().execute(HopRunnable.of(i, loop.executor(), turnstile, tasks == 1));
      }
      turnstile.awaitStart();
    }

    /** Ends them. */
    @TearDown
    public void close() {
      turnstile.close();
      loop.close();
    }

    final void hop() throws InterruptedException {
      turnstile.run(HOPS);
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

  /** Ours: {@code dispatcher.post(this)}. */
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
}
