package dev.reveille.benchmarks.timer;

import java.util.concurrent.TimeUnit;
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
 * {@code timer.fire}: a million timers that are due at random moments of one second, armed in the
 * half second before it. Ours is told the deadlines as they are, and they have to come in their
 * exact order; the profiler {@link Lateness} says how late they come.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimerFireBenchmark {
  private static final int TIMERS = 1_000_000;
  private static final long LEAD = 500_000_000L;

  private Expiries expiries;
  private Timers timers;
  private boolean exactOrder;

  /** Opens the competitor. */
  @Setup(Level.Trial)
  public void open(BenchmarkParams params) {
    String name = params.getBenchmark();
    String competitor = name.substring(name.lastIndexOf('.') + 1);
    exactOrder = competitor.equals("reveille") || competitor.equals("floor");
    expiries = new Expiries(TIMERS, LEAD);
    timers = Timers.open(competitor, /* armed= */ 0);
  }

  /** Closes it. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    timers.close();
  }

  private void fire() throws Exception {
    expiries.begin();
    timers.fire(expiries);
    expiries.check(exactOrder);
    Lateness.add(expiries);
  }

  /** Ours: {@code postAt}. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public void reveille() throws Exception {
    fire();
  }

  /** The floor: sorted once, and waited for. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public void floor() throws Exception {
    fire();
  }

  /** Netty's {@code HashedWheelTimer}, which ticks. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public void hashedWheelTimer() throws Exception {
    fire();
  }

  /** Agrona's {@code DeadlineTimerWheel}, which ticks. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public void agronaWheel() throws Exception {
    fire();
  }

  /** {@code schedule} of Netty's event loop with {@code NioIoHandler}. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public void nettyNio() throws Exception {
    fire();
  }

  /** {@code ScheduledThreadPoolExecutor}. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public void scheduledThreadPoolExecutor() throws Exception {
    fire();
  }

  /** {@code setTimer} of Vert.x, in milliseconds. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public void vertx() throws Exception {
    fire();
  }

  /** Coroutines that delay on the loop of {@code runBlocking}, in milliseconds. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public void kotlinRunBlocking() throws Exception {
    fire();
  }
}
