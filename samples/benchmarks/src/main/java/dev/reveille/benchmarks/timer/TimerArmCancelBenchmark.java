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

/** {@code timer.armcancel}: one more timer is armed and taken back, among many that are armed. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimerArmCancelBenchmark {
  /** Ours: a {@code Timer}, new each time. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void reveille(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }

  /** Ours, with {@code postAt}: a callback that any thread may cancel. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void reveilleCallback(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }

  /** The floor: an object in a list of a wheel of one level. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void floor(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }

  /** Agrona's {@code DeadlineTimerWheel}. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void agronaWheel(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }

  /** Netty's {@code HashedWheelTimer}, from outside. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void hashedWheelTimer(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }

  /** {@code schedule} of Netty's event loop, on it. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void nettyNio(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }

  /** {@code ScheduledThreadPoolExecutor}, from outside. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void scheduledThreadPoolExecutor(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }

  /** {@code setTimer} of Vert.x, on its context. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void vertx(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }

  /** A coroutine that delays on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(AmongArmed.OPERATIONS)
  public void kotlinRunBlocking(AmongArmed timers) throws Exception {
    timers.armAndCancel();
  }
}
