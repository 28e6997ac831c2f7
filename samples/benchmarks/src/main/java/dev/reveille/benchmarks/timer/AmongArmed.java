package dev.reveille.benchmarks.timer;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Many timers that stay armed, for ten to twenty minutes, and among them the one that the benchmark
 * is about, as far ahead.
 */
@State(Scope.Benchmark)
public class AmongArmed {
  /** Operations for an invocation, which goes over to the loop and back. */
  static final int OPERATIONS = 10_000;

  private static final int DELAYS = 1 << 14;

  /** How many others are armed. */
  @Param({"1", "1000", "1000000"})
  public int armed;

  private final long[] delays = new long[DELAYS];
  private Timers timers;
  private int next;

  /** Arms the others. */
  @Setup(Level.Trial)
  public void open(BenchmarkParams params) throws Exception {
    String name = params.getBenchmark();
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < DELAYS; i++) {
      delays[i] = random.nextLong(Timers.LEAST_DELAY, Timers.MOST_DELAY);
    }
    timers = Timers.open(name.substring(name.lastIndexOf('.') + 1), armed);
    timers.use(
        () -> {
          for (int i = 0; i < armed; i++) {
            timers.arm(random.nextLong(Timers.LEAST_DELAY, Timers.MOST_DELAY));
          }
        });
    System.gc(); // they are old by then, as they would be
  }

  /** Closes the competitor, and fails if the wrong timers are armed. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    long left = timers.armed();
    timers.close();
    if (left != -1 && left != armed && left != armed + 1L) {
      throw new IllegalStateException(left + " are armed, not " + armed + " or one more");
    }
  }

  void armAndCancel() throws Exception {
    timers.use(
        () -> {
          for (int i = 0; i < OPERATIONS; i++) {
            timers.armAndCancel(delays[next++ & (DELAYS - 1)]);
          }
        });
  }

  void rearm() throws Exception {
    timers.use(
        () -> {
          for (int i = 0; i < OPERATIONS; i++) {
            timers.rearm(delays[next++ & (DELAYS - 1)]);
          }
        });
  }
}
