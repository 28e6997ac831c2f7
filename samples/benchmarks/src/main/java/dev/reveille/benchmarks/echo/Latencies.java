package dev.reveille.benchmarks.echo;

/**
 * A histogram of nanoseconds whose buckets are at most 1/32 of their value wide. Recording
 * allocates nothing.
 */
final class Latencies {
  private static final int BITS = 5;
  private static final int SUB_BUCKETS = 1 << BITS;

  private final int[] counts = new int[(Long.SIZE - BITS) * SUB_BUCKETS];
  private long size;

  void record(long nanos) {
    counts[bucket(nanos)]++;
    size++;
  }

  /** The middle of the bucket below which the given part of the values lies. */
  long percentile(double percent) {
    long rank = Math.max(1, (long) Math.ceil(size * percent / 100));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return middle(i);
      }
    }
    return 0; // nothing was recorded
  }

  /** Values below 32 have a bucket each; above, each power of two has 32. */
  private static int bucket(long nanos) {
    if (nanos < SUB_BUCKETS) {
      return (int) Math.max(0, nanos);
    }
    int shift = Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(nanos);
    return ((shift + 1) << BITS) + (int) (nanos >>> shift) - SUB_BUCKETS;
  }

  private static long middle(int bucket) {
    if (bucket < SUB_BUCKETS) {
      return bucket;
    }
    int shift = (bucket >> BITS) - 1;
    long low = (long) ((bucket & (SUB_BUCKETS - 1)) + SUB_BUCKETS) << shift;
    return low + (1L << shift >> 1);
  }
}
