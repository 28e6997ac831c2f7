package dev.reveille.samples.resp.store;

import java.util.Comparator;

/** One key of the keyspace with its value and deadline. */
final class Entry {
  /** By deadline; equal deadlines by key, so that the order never depends on hashes. */
  static final Comparator<Entry> BY_DEADLINE =
      Comparator.<Entry>comparingLong(entry -> entry.deadline).thenComparing(entry -> entry.key);

  final Key key;
  Value value;

  /** {@link Keyspace#NEVER} if it has none. Changed only while not in the set of deadlines. */
  long deadline = Keyspace.NEVER;

  Entry(Key key, Value value) {
    this.key = key;
    this.value = value;
  }
}
