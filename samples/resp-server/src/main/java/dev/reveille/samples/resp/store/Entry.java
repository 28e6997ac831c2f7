package dev.reveille.samples.resp.store;

import java.util.Comparator;

/**
 * One key of the keyspace with its value and deadline. It is the key itself: among many keys a
 * look-up is a chain of cache misses, and a key beside its entry would be one more.
 */
final class Entry extends Key {
  /** By deadline; equal deadlines by key, so that the order never depends on hashes. */
  static final Comparator<Entry> BY_DEADLINE =
      Comparator.<Entry>comparingLong(entry -> entry.deadline).thenComparing(entry -> (Key) entry);

  Value value;

  /** {@link Keyspace#NEVER} if it has none. Changed only while not in the set of deadlines. */
  long deadline = Keyspace.NEVER;

  Entry(Key key, Value value) {
    super(key);
    this.value = value;
  }
}
