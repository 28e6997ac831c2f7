package dev.reveille.benchmarks.chain;

import dev.reveille.BasicDispatcher;
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
 * Ten steps, each of which depends on the one before and is completed in a later turn. A hundred
 * callers make chain after chain. Ours is a loop, as always; the futures and the floor run in the
 * callbacks themselves, on the thread that answers, without one.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChainBenchmark {
  private static final int CALLERS = 100;
  private static final int CHAINS = 10_000;
  private static final int EACH = CHAINS / CALLERS;

  /** Ours. */
  @State(Scope.Benchmark)
  public static class OnReveille {
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
  }

  /** Answers in each turn what was asked in the one before. */
  private static final class Answering implements Runnable {
    private final BasicDispatcher dispatcher;
    private final Later later;

    Answering(BasicDispatcher dispatcher, Later later) {
      this.dispatcher = dispatcher;
      this.later = later;
    }

    @Override
    public void run() {
      if (later.answerAll()) {
        dispatcher.post(this);
      }
    }
  }

  /** Ours: a task that polls chain after chain. */
  @Benchmark
  @OperationsPerInvocation(CHAINS)
  public long reveille(OnReveille on) {
    Later later = new Later();
    ChainTask[] tasks = new ChainTask[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
      tasks[i] = new ChainTask(i, later, EACH);
      on.dispatcher.post(tasks[i]);
    }
    on.dispatcher.post(new Answering(on.dispatcher, later));
    on.dispatcher.runToCompletion();
    long sum = 0;
    for (ChainTask task : tasks) {
      sum += task.sum;
    }
    return sum;
  }

  /** The floor: callbacks. */
  @Benchmark
  @OperationsPerInvocation(CHAINS)
  public long floor() {
    Later later = new Later();
    FloorChain[] chains = new FloorChain[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
      chains[i] = FloorChain.of(i, later, EACH);
      chains[i].start();
    }
    answer(later);
    long sum = 0;
    for (FloorChain chain : chains) {
      sum += chain.sum;
    }
    return sum;
  }

  /** {@code CompletableFuture.thenCompose}. */
  @Benchmark
  @OperationsPerInvocation(CHAINS)
  public long completableFuture() {
    Later later = new Later();
    FutureChain[] chains = new FutureChain[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
      chains[i] = new FutureChain(i, later, EACH);
      chains[i].start();
    }
    answer(later);
    long sum = 0;
    for (FutureChain chain : chains) {
      sum += chain.sum;
    }
    return sum;
  }

  /** Mutiny's {@code transformToUni}. */
  @Benchmark
  @OperationsPerInvocation(CHAINS)
  public long mutiny() {
    Later later = new Later();
    UniChain[] chains = new UniChain[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
      chains[i] = new UniChain(i, later, EACH);
      chains[i].start();
    }
    answer(later);
    long sum = 0;
    for (UniChain chain : chains) {
      sum += chain.sum;
    }
    return sum;
  }

  private static void answer(Later later) {
    boolean more = true;
    while (more) {
      more = later.answerAll();
    }
  }
}
