package dev.reveille;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The FIFO of what is ready. Driver only, no atomics.
 *
 * <p>A task is queued by the number of its slot in the {@link Registry}, in a ring of numbers: on
 * the JVM a stored reference costs a barrier of the collector, with G1 a fence each time if what is
 * stored into is old. So a hop of a task stores none. A callback or block of an adapter is a {@link
 * #BLOCK} in that ring, and stands itself, as it is, at the same place of a second ring, of
 * references. Whose a block is, is an entry in front of it, a {@link #TAG} with a {@link
 * BlockOwner.Tag} or none beside it, but only where that is another than the one of the block
 * before.
 */
final class RunQueue {
  /** What {@link #poll} returns for a block. */
  static final int BLOCK = -1;

  /** What {@link #poll} returns when there is nothing. */
  static final int EMPTY = -2;

  /** No block, but whose the next one is, and those after it; a block stands behind it. */
  private static final int TAG = -3;

  private static final int INITIAL_CAPACITY = 64;

  /** Room for so many, which has 16 KB, or 32 with blocks, is kept. */
  private static final int KEPT_CAPACITY = 1 << 12;

  /** How soon a crowd has to come again, so that its room is kept for the next one. */
  private static final long KEPT_FOR = 10_000_000_000L;

  /** A power of two. */
  private int[] ring = new int[INITIAL_CAPACITY];

  /** The blocks and tags; as long as the ring, or shorter while no block came since it grew. */
  private @Nullable Object[] blocks = new @Nullable Object[INITIAL_CAPACITY];

  /** The length of the ring, less one. */
  private int mask = INITIAL_CAPACITY - 1;

  /** Where the next entry is taken. Grows without bound; its low bits are the index. */
  private int head;

  /** Where the next entry goes. */
  private int tail;

  /** How many of the entries are a {@link #TAG}. */
  private int tags;

  /** Where the {@link #head} was when the queue was last {@linkplain #letGo found} empty. */
  private int headBefore;

  /** Until when more than {@link #KEPT_CAPACITY} is kept, on the clock of {@link #letGo}. */
  private long keptUntil = Long.MIN_VALUE;

  /** Of the block that was last appended. */
  private BlockOwner.@Nullable Tag lastTag;

  /** Of the block that was last taken. */
  private BlockOwner.@Nullable Tag tag;

  boolean isEmpty() {
    return head == tail;
  }

  /** How many are queued; for other threads about, since they may see it in the middle. */
  int size() {
    return Math.max(0, tail - head - tags);
  }

  /**
   * Nothing is queued, and the loop has nothing to do: holds no owner any more, and no more room
   * than is of use.
   *
   * @param now the time, on a clock whose origin does not matter
   */
  void letGo(long now) {
    assert head == tail : size();
    if (lastTag != null) {
      lastTag = null;
      tag = null;
    }
    if (mask >= KEPT_CAPACITY) {
      giveBack(now);
    }
    headBefore = head;
  }

  /**
   * Gives the room of a crowd back at once, since the loop may sleep for long now; unless the crowd
   * came soon after its room was last given back. Then that is kept until it has not been of use
   * for a while: so one that comes each second makes the ring grow twice, and not each time.
   */
  private void giveBack(long now) {
    if (now >= keptUntil) {
      try {
        int[] r = new int[KEPT_CAPACITY];
        if (blocks.length > KEPT_CAPACITY) {
          blocks = new @Nullable Object[KEPT_CAPACITY]; // shorter than the ring does no harm
        }
        ring = r;
        mask = KEPT_CAPACITY - 1;
      } catch (OutOfMemoryError e) {
        return; // The ring goes on as it is.
      }
    } else if (head - headBefore <= mask >>> 3) {
      return; // no more can have been queued at once than were taken since
    }
    keptUntil = Nanos.add(now, KEPT_FOR);
  }

  /** Appends a posting by its slot. */
  void append(int slot) {
    if (tail - head > mask) {
      grow();
    }
    ring[tail++ & mask] = slot;
  }

  /**
   * Appends a block, or a callback, which has no tag. First the room is made, for the tag too, and
   * then nothing is called any more: what fails for want of memory or stack has changed nothing.
   */
  void append(BlockOwner.@Nullable Tag owner, Runnable block) {
    int next = tail;
    if (next - head >= mask) {
      grow();
    }
    if (blocks.length <= mask) {
      blocks = Arrays.copyOf(blocks, ring.length);
    }
    if (owner != lastTag) {
      ring[next & mask] = TAG;
      blocks[next & mask] = owner;
      next++;
      tags++;
      lastTag = owner;
    }
    ring[next & mask] = BLOCK;
    blocks[next & mask] = block;
    tail = next + 1;
  }

  /**
   * Takes the next entry.
   *
   * @return as {@link #take}; or {@link #EMPTY}
   */
  int poll() {
    return head == tail ? EMPTY : take();
  }

  /**
   * Takes the next entry: there is one.
   *
   * @return a slot of the registry, which is not negative; or {@link #BLOCK}, with {@link
   *     #takeBlock} to follow
   */
  int take() {
    int entry = ring[head & mask];
    if (entry >= 0) {
      head++;
      return entry;
    }
    if (entry == TAG) {
      tag = (BlockOwner.Tag) takeReference();
      tags--;
    }
    return BLOCK;
  }

  /** The next entry, which stays: a slot, or negative for a block. */
  int peek() {
    return ring[head & mask];
  }

  /** Whose the next entry is, which is a block. */
  BlockOwner.@Nullable Tag peekTag() {
    return peek() == TAG ? (BlockOwner.Tag) blocks[head & mask] : tag;
  }

  /** The block that is the next entry. */
  @Nullable Object peekBlock() {
    return blocks[(peek() == TAG ? head + 1 : head) & mask];
  }

  /** Whose the block is that was just found; null for a callback. */
  BlockOwner.@Nullable Tag tag() {
    return tag;
  }

  /** The block that was just found, once. */
  Runnable takeBlock() {
    Object block = takeReference();
    assert block != null : "a number without its block";
    return (Runnable) block;
  }

  private @Nullable Object takeReference() {
    int i = head++ & mask;
    Object taken = blocks[i];
    blocks[i] = null;
    return taken;
  }

  /** Doubles the ring. The counters stay, so each entry goes to their place in the longer one. */
  private void grow() {
    int[] old = ring;
    int length = old.length << 1;
    if (length < 0) {
      throw new OutOfMemoryError("run queue is full: " + old.length + " entries are ready");
    }
    int[] r = new int[length];
    @Nullable Object[] moved = null;
    for (int i = head; i != tail; i++) {
      int from = i & mask;
      int to = i & (length - 1);
      r[to] = old[from];
      if (old[from] < 0) {
        if (moved == null) {
          moved = new @Nullable Object[length];
        }
        moved[to] = blocks[from];
      }
    }
    if (moved != null) {
      blocks = moved;
    }
    ring = r;
    mask = length - 1;
  }
}
