package dev.reveille.samples.resp.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what all clients did, and keeps what they complain about. Thread-safe. */
final class Tally {
  private static final int KEPT = 20;

  private final Map<String, LongAdder> operations = new ConcurrentHashMap<>();
  private final List<Mismatch> mismatches = new ArrayList<>();
  private final LongAdder mismatchCount = new LongAdder();

  /** Announces a kind of operation, so that it is reported even if none of it is ever done. */
  void expect(String kind) {
    operations.computeIfAbsent(kind, k -> new LongAdder());
  }

  void count(String kind, long done) {
    operations.computeIfAbsent(kind, k -> new LongAdder()).add(done);
  }

  /** Complains unless both are equal. */
  void check(String client, Object sent, @Nullable Object expected, @Nullable Object received) {
    if (!Objects.equals(expected, received)) {
      complain(client, sent, String.valueOf(expected), String.valueOf(received));
    }
  }

  /** Complains unless {@code fine}. */
  void check(boolean fine, String client, Object sent, String expected, Object received) {
    if (!fine) {
      complain(client, sent, expected, String.valueOf(received));
    }
  }

  void complain(String client, Object sent, String expected, String received) {
    mismatchCount.increment();
    synchronized (mismatches) {
      if (mismatches.size() < KEPT) {
        mismatches.add(
            new Mismatch(client, shorten(sent.toString()), shorten(expected), shorten(received)));
      }
    }
  }

  long total() {
    return operations.values().stream().mapToLong(LongAdder::sum).sum();
  }

  long mismatchCount() {
    return mismatchCount.sum();
  }

  List<Mismatch> mismatches() {
    synchronized (mismatches) {
      return List.copyOf(mismatches);
    }
  }

  SortedMap<String, Long> operations() {
    SortedMap<String, Long> counts = new TreeMap<>();
    operations.forEach((kind, count) -> counts.put(kind, count.sum()));
    return counts;
  }

  private static String shorten(String text) {
    return text.length() <= 300 ? text : text.substring(0, 300) + "… (" + text.length() + ")";
  }
}
