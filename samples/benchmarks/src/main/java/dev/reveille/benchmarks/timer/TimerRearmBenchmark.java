package dev.reveille.benchmarks.timer;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code timer.rearm}: a timer is moved, among many that are armed, as for each request on a
 * connection. Peers that have nothing to move take one back and arm another.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimerRearmBenchmark {
  /** Ours: {@code Timer.resetAt}, of the same one each time. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void reveille(AmongArmed timers) throws Exception {
    timers.rearm();
  }

  /** Ours, with {@code postAt}: a new one each time. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void reveilleCallback(AmongArmed timers) throws Exception {
    timers.rearm();
  }

  /** The floor: an object in a list of a wheel of one level. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void floor(AmongArmed timers) throws Exception {
    timers.rearm();
  }

  /** Agrona's {@code DeadlineTimerWheel}. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void agronaWheel(AmongArmed timers) throws Exception {
    timers.rearm();
  }

  /** Netty's {@code HashedWheelTimer}, from outside. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void hashedWheelTimer(AmongArmed timers) throws Exception {
    timers.rearm();
  }

  /** {@code schedule} of Netty's event loop, on it. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void nettyNio(AmongArmed timers) throws Exception {
    timers.rearm();
  }

  /** {@code ScheduledThreadPoolExecutor}, from outside. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void scheduledThreadPoolExecutor(AmongArmed timers) throws Exception {
    timers.rearm();
  }

  /** {@code setTimer} of Vert.x, on its context. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void vertx(AmongArmed timers) throws Exception {
    timers.rearm();
  }

  /** A coroutine that delays on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void kotlinRunBlocking(AmongArmed timers) throws Exception {
    timers.rearm();
  }
}
