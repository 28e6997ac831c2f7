package dev.reveille;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many blocks of adapters a loop has run, by the {@linkplain BlockOwner#kind kind} of their
 * owner.
 *
 * <p>A count of its own for each kind, and not the sum over the owners: owners come and go (each
 * view of a dispatcher as an executor is one), the numbers may not fall when they do, and nothing
 * here may keep them alive. The tag of an owner finds its count once, with its first block; from
 * then on a block costs one plain increment more.
 */
final class BlockCounts {
  /** Of one kind. */
  static final class Count {
    final String kind;

    /** Plain: written by the driver, read by snapshots, who may see an older number. */
    long runs;

    private Count(String kind) {
      this.kind = kind;
    }
  }

  /**
   * Copy on write. Volatile: written by the driver, when a kind runs its first block; a snapshot on
   * a foreign thread that reads it finds the counts constructed.
   */
  private volatile Count[] counts = {};

  /** The count of a kind, a new one if need be. Driver only. */
  Count of(String kind) {
    Count[] known = counts;
    for (Count count : known) {
      if (count.kind.equals(kind)) {
        return count;
      }
    }
    Count[] more = Arrays.copyOf(known, known.length + 1);
    Count added = new Count(kind);
    more[known.length] = added;
    counts = more;
    return added;
  }

  /** A copy, by kind. Any thread. */
  SortedMap<String, Long> toMap() {
    SortedMap<String, Long> map = new TreeMap<>();
    for (Count count : counts) {
      map.put(count.kind, count.runs);
    }
    return map;
  }
}
