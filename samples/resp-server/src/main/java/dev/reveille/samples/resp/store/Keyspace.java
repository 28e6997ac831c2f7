package dev.reveille.samples.resp.store;

import dev.reveille.samples.resp.protocol.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All keys, with their values and deadlines.
 *
 * <p>A key is there up to and including the millisecond of its deadline, as in Redis, and gone
 * after. It is removed lazily, when someone looks it up, and actively by {@link #expireDue}. Both
 * report a DEL to the listener, so a replay needs no clock: while {@link #replay(Runnable)} runs,
 * deadlines are kept but not enforced, and the listener hears nothing.
 *
 * <p>Confined to one loop.
 */
public final class Keyspace {
  /** The deadline of a key that has none. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final byte[] DEL = {'D', 'E', 'L'};

  private final LongSupplier clock;
  private final KeyspaceListener listener;
  private final Map<Key, Entry> entries = new HashMap<>();
  private final TreeSet<Entry> deadlines = new TreeSet<>(Entry.BY_DEADLINE);
  private long now;
  private boolean clockRead;
  private boolean replaying;
  private long expiredKeys;

  /**
   * An empty keyspace.
   *
   * @param clock milliseconds of the wall
   * @param listener is told each change
   */
  public Keyspace(LongSupplier clock, KeyspaceListener listener) {
    this.clock = clock;
    this.listener = listener;
  }

  /**
   * Lets time go on. From the first look at the clock after this call to the next such call, time
   * stands still: within one command a key is either there or not.
   */
  public void advance() {
    clockRead = false;
  }

  /** The clock's milliseconds, as of the command that is running. */
  public long now() {
    if (!clockRead) {
      now = clock.getAsLong();
      clockRead = true;
    }
    return now;
  }

  /** The value of {@code key}, or null if there is none. */
  public @Nullable Value get(Key key) {
    Entry entry = live(key);
    return entry == null ? null : entry.value;
  }

  /** Sets the value of {@code key}, which has no deadline then. */
  public void set(Key key, Value value) {
    setKeepingDeadline(key, value);
    setDeadline(key, NEVER);
  }

  /** Sets the value of {@code key} and leaves its deadline as it is. */
  public void setKeepingDeadline(Key key, Value value) {
    Entry entry = entries.get(key);
    if (entry == null) {
      Entry added = new Entry(key, value);
      entries.put(added, added);
    } else {
      entry.value = value;
    }
  }

  /** Removes {@code key}; tells whether it was there. */
  public boolean remove(Key key) {
    Entry entry = live(key);
    if (entry == null) {
      return false;
    }
    drop(entry);
    return true;
  }

  /** The deadline of {@code key}: {@link #NEVER} if it has none or is not there. */
  public long deadline(Key key) {
    Entry entry = live(key);
    return entry == null ? NEVER : entry.deadline;
  }

  /** Sets the deadline of {@code key}, which must be there; {@link #NEVER} takes it away. */
  public void setDeadline(Key key, long deadline) {
    Entry entry = entries.get(key);
    if (entry == null) {
      throw new IllegalArgumentException("no such key: " + key);
    }
    if (entry.deadline == deadline) {
      return;
    }
    if (entry.deadline != NEVER) {
      deadlines.remove(entry);
    }
    entry.deadline = deadline;
    if (deadline != NEVER) {
      deadlines.add(entry);
    }
  }

  /** Removes everything. */
  public void clear() {
    entries.clear();
    deadlines.clear();
  }

  /** The keys that match, in no particular order. */
  public List<Key> matching(Glob pattern) {
    List<Key> keys = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (!isExpired(entry) && pattern.matches(entry.bytes())) {
        keys.add(entry);
      }
    }
    return keys;
  }

  /** How many keys there are, counting those that expired and were not looked up since. */
  public int size() {
    return entries.size();
  }

  /** How many of the keys have a deadline. */
  public int sizeWithDeadline() {
    return deadlines.size();
  }

  /** How many keys have been removed because of their deadline. */
  public long expiredKeys() {
    return expiredKeys;
  }

  /**
   * Removes keys whose deadline has passed, oldest first, but not more than {@code limit} of them,
   * so that the caller can let others have a turn.
   *
   * @return the time at which the next key is due: in the past if the limit was reached, and {@link
   *     #NEVER} if no key has a deadline
   */
  public long expireDue(int limit) {
    advance();
    for (int i = 0; i < limit && nextDue() <= now(); i++) {
      expire(deadlines.first());
    }
    return nextDue();
  }

  /** The time at which {@link #expireDue} next has something to do, or {@link #NEVER}. */
  public long nextDue() {
    // A deadline is the last millisecond of the key's life.
    return deadlines.isEmpty() ? NEVER : deadlines.first().deadline + 1;
  }

  /**
   * Runs {@code body}, which repeats recorded changes: nothing expires or is reported meanwhile.
   */
  public void replay(Runnable body) {
    replaying = true;
    try {
      body.run();
    } finally {
      replaying = false;
    }
  }

  /** Whether a replay is running. */
  public boolean isReplaying() {
    return replaying;
  }

  /** Tells the listener of a change that has been made. */
  public void changed(Request effect) {
    if (!replaying) {
      listener.changed(effect);
    }
  }

  /** Tells the listener that the list {@code key} was given elements. */
  public void listGrew(Key key) {
    if (!replaying) {
      listener.listGrew(key);
    }
  }

  private @Nullable Entry live(Key key) {
    Entry entry = entries.get(key);
    if (entry != null && isExpired(entry)) {
      expire(entry);
      return null;
    }
    return entry;
  }

  private boolean isExpired(Entry entry) {
    return entry.deadline != NEVER && !replaying && entry.deadline < now();
  }

  private void expire(Entry entry) {
    drop(entry);
    expiredKeys++;
    changed(Request.of(DEL, entry.bytes()));
  }

  private void drop(Entry entry) {
    entries.remove(entry);
    if (entry.deadline != NEVER) {
      deadlines.remove(entry);
    }
  }
}
