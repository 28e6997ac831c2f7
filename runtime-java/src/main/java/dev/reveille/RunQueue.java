package dev.reveille;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The FIFO of what is ready: postings and callbacks as they are, in a ring of references. Driver
 * only, no atomics.
 *
 * <p>A block that an adapter queued takes two places: the adapter's {@link BlockOwner.Tag}, then
 * the block. So the block itself needs no wrapper.
 */
final class RunQueue {
  private static final int INITIAL_CAPACITY = 64;

  /** A power of two. */
  private @Nullable Object[] ring = new @Nullable Object[INITIAL_CAPACITY];

  /** Where the next entry is taken. Grows without bound; its low bits are the index. */
  private int head;

  /** Where the next entry goes. */
  private int tail;

  boolean isEmpty() {
    return head == tail;
  }

  /** Places in use: an upper bound of the entries, see the tags. */
  int size() {
    return tail - head;
  }

  void append(Object entry) {
    @Nullable Object[] r = ring;
    if (tail - head == r.length) {
      r = grow();
    }
    r[tail++ & (r.length - 1)] = entry;
  }

  void append(BlockOwner.Tag tag, Runnable block) {
    append((Object) tag);
    append(block);
  }

  @Nullable Object poll() {
    int h = head;
    if (h == tail) {
      return null;
    }
    @Nullable Object[] r = ring;
    int i = h & (r.length - 1);
    Object entry = r[i];
    r[i] = null;
    head = h + 1;
    return entry;
  }

  private @Nullable Object[] grow() {
    @Nullable Object[] old = ring;
    int capacity = old.length << 1;
    if (capacity < 0) {
      throw new OutOfMemoryError("run queue is full: " + old.length + " entries are ready");
    }
    @Nullable Object[] r = new @Nullable Object[capacity];
    int first = head & (old.length - 1);
    System.arraycopy(old, first, r, 0, old.length - first);
    System.arraycopy(old, 0, r, old.length - first, first);
    tail = old.length;
    head = 0;
    ring = r;
    return r;
  }

  /** A copy of what is queued, oldest first, for snapshots. */
  Object[] toArray() {
    Object[] copy = new Object[tail - head];
    for (int i = 0; i < copy.length; i++) {
      Object entry = ring[(head + i) & (ring.length - 1)];
      assert entry != null : Arrays.toString(ring);
      copy[i] = entry;
    }
    return copy;
  }
}
