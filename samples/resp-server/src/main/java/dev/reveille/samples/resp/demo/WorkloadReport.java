package dev.reveille.samples.resp.demo;

import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/**
 * What a workload did and found.
 *
 * @param elapsed how long it took
 * @param operations how many commands were answered, by kind
 * @param mismatchCount how many replies were wrong
 * @param mismatches the first of them
 */
public record WorkloadReport(
    Duration elapsed,
    SortedMap<String, Long> operations,
    long mismatchCount,
    List<Mismatch> mismatches) {

  /** Whether there was no mismatch, and every kind of client got something done. */
  public boolean isGood() {
    return mismatchCount == 0 && operations.values().stream().allMatch(count -> count > 0);
  }

  /** How many commands were answered. */
  public long total() {
    return operations.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Answers per second. */
  public long perSecond() {
    return total() * 1000 / Math.max(1, elapsed.toMillis());
  }
}
