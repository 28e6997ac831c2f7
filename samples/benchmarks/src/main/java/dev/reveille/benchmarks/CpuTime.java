package dev.reveille.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * <p>The collector is in it, as it should be. The threads of the JIT compilers are not, where the
 * system tells threads apart: they go on in bursts long after the warm-up, and what is measured is
 * the compiled program. Linux tells, in nanoseconds ({@code schedstat}); what the JDK says of the
 * process comes in ticks of 10 ms there, which is coarse for a short iteration that had a small
 * share of a core. It is taken elsewhere, and for an iteration in which a thread has ended.
 *
 * <pre>
 * java -jar target/benchmarks.jar -prof dev.reveille.benchmarks.CpuTime ...
 * </pre>
 */
public final class CpuTime implements InternalProfiler {
  /** The label of the result. */
  static final String NORM = "cpu.norm";

  /** In the names of the compilers' threads, which the kernel cuts off after 15 bytes. */
  private static final String COMPILER = "CompilerThre";

  private static final Path TASKS = Path.of("/proc/self/task");

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private long processBefore;
  private Map<String, Long> threadsBefore = Map.of();

  /** By JMH, by name. */
  public CpuTime() {}

  @Override
  public String getDescription() {
    return "CPU time of the process for an operation";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    threadsBefore = threads();
    processBefore = system.getProcessCpuTime();
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    long nanos = system.getProcessCpuTime() - processBefore;
    Map<String, Long> threads = threads();
    if (!threadsBefore.isEmpty() && threads.keySet().containsAll(threadsBefore.keySet())) {
      nanos = sum(threads) - sum(threadsBefore);
    }
    long operations = Math.max(1, result.getMetadata().getAllOps());
    return List.of(
        new ScalarResult(NORM, (double) nanos / operations, "ns/op", AggregationPolicy.AVG));
  }

  private static long sum(Map<String, Long> threads) {
    return threads.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Nanoseconds by thread; empty where the system does not tell. */
  private static Map<String, Long> threads() {
    Map<String, Long> threads = new HashMap<>();
    if (!Files.exists(TASKS.resolveSibling("schedstat"))) {
      return threads;
    }
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        read(task, threads);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the CPU time of the threads can not be read", e);
    }
    return threads;
  }

  private static void read(Path task, Map<String, Long> threads) throws IOException {
    try {
      if (!Files.readString(task.resolve("comm")).contains(COMPILER)) {
        String counts = Files.readString(task.resolve("schedstat"));
        threads.put(task.toString(), Long.parseLong(counts.substring(0, counts.indexOf(' '))));
      }
    } catch (NoSuchFileException e) {
      // The thread has ended meanwhile.
    }
  }
}
