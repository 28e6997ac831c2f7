package dev.reveille.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What {@link JmhCase} forks. */
@State(Scope.Benchmark)
public class SmallBenchmark {
  @Param("1")
  public int n;

  @Benchmark
  public byte[] reveille() {
    return new byte[n];
  }

  @Benchmark
  public int floor() {
    return n;
  }

  @Benchmark
  public int throwing() {
    throw new UnsupportedOperationException("not on this machine");
  }

  @Benchmark
  @FromRelease(99)
  public int fromTheFuture() {
    return n;
  }
}
