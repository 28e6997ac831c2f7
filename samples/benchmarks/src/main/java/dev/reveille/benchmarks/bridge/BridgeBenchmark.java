package dev.reveille.benchmarks.bridge;

import dev.reveille.BasicDispatcher;
import dev.reveille.WorkGuard;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import kotlinx.coroutines.ExecutorCoroutineDispatcher;
import kotlinx.coroutines.ExecutorsKt;
import kotlinx.coroutines.ThreadPoolDispatcherKt;
import org.jspecify.annotations.Nullable;
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
 * A single-shot call: made, answered through its callback, and the answer observed by the code that
 * waits for it, on its loop. A number of callers make their calls one after the other; in {@code
 * bridge.onloop} and {@code bridge.foreign} all of them wait before the first is answered.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BridgeBenchmark {
  private static final int CALLS = 256_000;

  /** Where and when the legacy API calls back. */
  public enum Case {
    /** In a later turn, on the thread of the loop. */
    onloop,
    /** On a thread of the library. */
    foreign,
    /** Before the initiating call returns. */
    early
  }

  /** The case. */
  @Param({"onloop", "foreign", "early"})
  public Case bridge = Case.onloop;

  /** How many callers there are. */
  @Param("256")
  public int inFlight;

  private BasicDispatcher dispatcher;
  private ExecutorService library;
  private ExecutorService singleThread;
  private ExecutorCoroutineDispatcher executorBacked;
  private ExecutorCoroutineDispatcher singleThreadContext;

  /** Opens the peers. */
  @Setup
  @SuppressWarnings("deprecation") // delicate, says kotlinx: it has to be closed, and is
  public void open() {
    dispatcher = new BasicDispatcher();
    library = Executors.newSingleThreadExecutor();
    singleThread = Executors.newSingleThreadExecutor();
    executorBacked = ExecutorsKt.from(Executors.newSingleThreadExecutor());
    singleThreadContext = ThreadPoolDispatcherKt.newSingleThreadContext("bridge");
  }

  /** Closes the peers. */
  @TearDown
  public void close() {
    dispatcher.close();
    library.shutdown();
    singleThread.shutdown();
    executorBacked.close();
    singleThreadContext.close();
  }

  private int callsEach() {
    return CALLS / inFlight;
  }

  /** Where the legacy API calls back, for callers on a loop. */
  @Nullable Executor deliverOn(Executor loop) {
    return switch (bridge) {
      case onloop -> loop;
      case foreign -> library;
      case early -> null;
    };
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long reveille() {
    Wire wire = new Wire(inFlight, deliverOn(dispatcher.asExecutor()));
    TaskCaller[] callers = new TaskCaller[inFlight];
    for (int i = 0; i < inFlight; i++) {
      callers[i] = new TaskCaller(LegacyClient.of(i, wire), i, callsEach());
      dispatcher.post(callers[i]);
    }
    dispatcher.runToCompletion();
    long sum = 0;
    for (TaskCaller caller : callers) {
      sum += caller.sum;
    }
    return sum;
  }

  /** The floor: by hand. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long floor() {
    FloorLoop loop = new FloorLoop();
    Wire wire = new Wire(inFlight, deliverOn(loop));
    FloorCaller[] callers = new FloorCaller[inFlight];
    for (int i = 0; i < inFlight; i++) {
      callers[i] =
          new FloorCaller(loop, bridge == Case.foreign, LegacyClient.of(i, wire), i, callsEach());
      loop.start(callers[i]);
    }
    loop.run();
    long sum = 0;
    for (FloorCaller caller : callers) {
      sum += caller.sum;
    }
    return sum;
  }

  /** {@code suspendCancellableCoroutine} on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long coroutineRunBlocking() {
    return CoroutineCallers.inRunBlocking(inFlight, callsEach(), this::deliverOn);
  }

  /** {@code suspendCancellableCoroutine} on a {@code newSingleThreadContext}. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long coroutineSingleThreadContext() {
    return CoroutineCallers.on(singleThreadContext, inFlight, callsEach(), this::deliverOn);
  }

  /** {@code suspendCancellableCoroutine} on a single-thread executor as a dispatcher. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long coroutineExecutor() {
    return CoroutineCallers.on(executorBacked, inFlight, callsEach(), this::deliverOn);
  }

  /** {@code CompletableFuture.thenAcceptAsync} on a single-thread executor. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long futureExecutor() throws InterruptedException {
    CountDownLatch running = new CountDownLatch(inFlight);
    FutureCaller[] callers = futureCallers(singleThread, running::countDown);
    running.await();
    return sum(callers);
  }

  /** {@code CompletableFuture.thenAcceptAsync} on our loop. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long futureReveille() {
    WorkGuard guard = dispatcher.workGuard();
    int[] running = {inFlight};
    FutureCaller[] callers =
        futureCallers(
            dispatcher.asExecutor(),
            () -> {
              if (--running[0] == 0) {
                guard.close();
              }
            });
    dispatcher.runToCompletion();
    return sum(callers);
  }

  private FutureCaller[] futureCallers(Executor loop, Runnable onEnd) {
    Wire wire = new Wire(inFlight, deliverOn(loop));
    FutureCaller[] callers = new FutureCaller[inFlight];
    for (int i = 0; i < inFlight; i++) {
      FutureCaller caller = new FutureCaller(loop, LegacyClient.of(i, wire), i, callsEach(), onEnd);
      callers[i] = caller;
      loop.execute(caller::next);
    }
    return callers;
  }

  private static long sum(FutureCaller[] callers) {
    long sum = 0;
    for (FutureCaller caller : callers) {
      sum += caller.sum;
    }
    return sum;
  }
}
