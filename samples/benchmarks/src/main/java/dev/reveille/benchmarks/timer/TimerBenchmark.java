package dev.reveille.benchmarks.timer;

import dev.reveille.BasicDispatcher;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to move a time-out, as for each request of a connection, among many armed ones. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimerBenchmark {
  /** How many other timers are armed. */
  @Param({"1000", "100000"})
  public int armed;

  private final SplittableRandom random = new SplittableRandom(42);
  private BasicDispatcher dispatcher;
  private Timer timer;
  private ScheduledThreadPoolExecutor scheduled;
  private ScheduledFuture<?> last;

  /** Arms the others. */
  @Setup(Level.Trial)
  public void open() {
    dispatcher = new BasicDispatcher();
    timer = new Timer(dispatcher);
    scheduled = new ScheduledThreadPoolExecutor(1);
    scheduled.setRemoveOnCancelPolicy(true);
    for (int i = 0; i < armed; i++) {
      long millis = random.nextLong(600_000, 1_200_000);
      new Timer(dispatcher).reset(Duration.ofMillis(millis));
      last = scheduled.schedule(() -> {}, millis, TimeUnit.MILLISECONDS);
    }
    last = scheduled.schedule(() -> {}, 1, TimeUnit.HOURS);
  }

  /** Closes the peers. */
  @TearDown(Level.Trial)
  public void close() {
    dispatcher.close();
    scheduled.shutdownNow();
  }

  /** Ours: one reusable timer; the driver's role is borrowed for each call. */
  @Benchmark
  public void reveille() {
    timer.resetAt(random.nextLong(600_000_000_000L, 1_200_000_000_000L));
  }

  /** {@code ScheduledThreadPoolExecutor}, which has to cancel and schedule anew. */
  @Benchmark
  public void scheduledThreadPoolExecutor() {
    last.cancel(false);
    last = scheduled.schedule(() -> {}, random.nextLong(600_000, 1_200_000), TimeUnit.MILLISECONDS);
  }
}
