package dev.reveille;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for one event, in the order in which they came, each once, with the posting in
 * whose poll they came: when that has ended they are forgotten, also where their waker is that of a
 * scheduler below the loop. Not thread-safe: its owner guards it.
 */
final class Waiters {
  private static final int PRUNE_AT_LEAST = 8;

  /** Null while nobody has come. */
  private @Nullable Map<Waker, Posting> waiters;

  /** How many are looked through for those who have ended. */
  private int pruneAt = PRUNE_AT_LEAST;

  /**
   * Drops the ended before it grows, so that a long-lived event does not grow by one waker per
   * task; the threshold doubles with the living, so that a registration costs O(1) in the long run.
   */
  void add(Waker waker, Posting posting) {
    Map<Waker, Posting> map = waiters;
    if (map == null) {
      waiters = map = new LinkedHashMap<>();
    } else if (map.size() >= pruneAt) {
      prune();
      pruneAt = Math.max(PRUNE_AT_LEAST, 2 * map.size());
    }
    map.put(waker, posting);
  }

  /** Returns whether it was there. */
  boolean remove(Waker waker) {
    return waiters != null && waiters.remove(waker) != null;
  }

  void prune() {
    if (waiters != null) {
      waiters.entrySet().removeIf(e -> e.getKey().isEnded() || e.getValue().isEnded());
    }
  }

  /** Empties it. */
  List<Waker> take() {
    Map<Waker, Posting> map = waiters;
    if (map == null) {
      return List.of();
    }
    waiters = null;
    return List.copyOf(map.keySet());
  }

  boolean isEmpty() {
    return waiters == null || waiters.isEmpty();
  }

  int size() {
    return waiters == null ? 0 : waiters.size();
  }
}
