package dev.reveille.benchmarks.timer;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * A profiler for JMH: how late the timers of {@link TimerFireBenchmark} come, on average.
 *
 * <pre>
 * java -jar target/benchmarks.jar timer.TimerFire -prof dev.reveille.benchmarks.timer.Lateness
 * </pre>
 */
public final class Lateness implements InternalProfiler {
  /** Sums since the iteration began; written and read on JMH's thread. */
  private static double sum;

  private static int count;

  /** By JMH, by name. */
  public Lateness() {}

  static void add(Expiries expiries) {
    sum += expiries.meanLateness();
    count++;
  }

  @Override
  public String getDescription() {
    return "How late timers come";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    sum = 0;
    count = 0;
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    return List.of(
        new ScalarResult("late.mean", sum / Math.max(1, count), "ns", AggregationPolicy.AVG));
  }
}
