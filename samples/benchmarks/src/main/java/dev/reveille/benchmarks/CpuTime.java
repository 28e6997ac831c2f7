package dev.reveille.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
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
 * A profiler for JMH: the CPU time of the process for an operation, user and system, of all its
 * threads. It holds where the elapsed time does not: on a machine that others use too, and for
 * peers that keep a second core busy.
 *
 * <p>The collector is in it, as it should be; so are the JIT compilers, which by then have little
 * left to do: warm up for long enough.
 *
 * <pre>
 * java -jar target/benchmarks.jar -prof dev.reveille.benchmarks.CpuTime ...
 * </pre>
 */
public final class CpuTime implements InternalProfiler {
  /** The label of the result. */
  static final String NORM = "cpu.norm";

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private long before;

  /** By JMH, by name. */
  public CpuTime() {}

  @Override
  public String getDescription() {
    return "CPU time of the process for an operation";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    before = system.getProcessCpuTime();
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    long nanos = system.getProcessCpuTime() - before;
    long operations = Math.max(1, result.getMetadata().getAllOps());
    return List.of(
        new ScalarResult(NORM, (double) nanos / operations, "ns/op", AggregationPolicy.AVG));
  }
}
