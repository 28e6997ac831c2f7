package dev.reveille;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The FIFO of what is ready. Driver only, no atomics.
 *
 * <p>A task is queued by the number of its slot in the {@link Registry}, in a ring of numbers: on
 * the JVM a stored reference costs a barrier of the collector, with G1 a fence each time if what is
 * stored into is old. So a hop of a task stores none. A callback or block of an adapter is a {@link
 * #BLOCK} in that ring, and stands itself in a second one, of references, as it is. In front of a
 * block stands there whose it is, a {@link BlockOwner.Tag} or {@link #NO_TAG}, but only if that is
 * another than the one of the block before.
 */
final class RunQueue {
  /** What {@link #poll} returns for a block. */
  static final int BLOCK = -1;

  /** What {@link #poll} returns when there is nothing. */
  static final int EMPTY = -2;

  /** A block of another owner than the one before: its tag stands in front of it. */
  private static final int TAGGED_BLOCK = -3;

  /** In the second ring for no tag. */
  private static final Object NO_TAG = new Object();

  private static final int INITIAL_CAPACITY = 64;

  /** A power of two. */
  private int[] ring = new int[INITIAL_CAPACITY];

  /** Where the next entry is taken. Grows without bound; its low bits are the index. */
  private int head;

  /** Where the next entry goes. */
  private int tail;

  /** The blocks, and where the owner changes the tags; a power of two. */
  private @Nullable Object[] blocks = new @Nullable Object[INITIAL_CAPACITY];

  private int blocksHead;
  private int blocksTail;

  /** Of the block that was last appended. */
  private BlockOwner.@Nullable Tag lastTag;

  /** Of the block that was last taken. */
  private BlockOwner.@Nullable Tag tag;

  boolean isEmpty() {
    return head == tail;
  }

  int size() {
    return tail - head;
  }

  /** Holds no owner any more, if nothing is queued. */
  void letGo() {
    if (lastTag != null && head == tail) {
      lastTag = null;
      tag = null;
    }
  }

  /** Appends a posting by its slot. */
  void append(int slot) {
    int[] r = ring;
    if (tail - head == r.length) {
      r = grow();
    }
    r[tail++ & (r.length - 1)] = slot;
  }

  /** Appends a block, or a callback, which has no tag. */
  void append(BlockOwner.@Nullable Tag owner, Runnable block) {
    if (owner == lastTag) {
      append(BLOCK);
    } else {
      append(TAGGED_BLOCK);
      lastTag = owner;
      appendReference(owner == null ? NO_TAG : owner);
    }
    appendReference(block);
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
    int entry = peek();
    head++;
    if (entry == TAGGED_BLOCK) {
      tag = tagIn(takeReference());
      return BLOCK;
    }
    return entry;
  }

  /** The next entry, which stays: a slot, or negative for a block. */
  int peek() {
    int[] r = ring;
    return r[head & (r.length - 1)];
  }

  /** Whose the next entry is, which is a block. */
  BlockOwner.@Nullable Tag peekTag() {
    return peek() == TAGGED_BLOCK ? tagIn(requireNonNull(reference(0))) : tag;
  }

  /** The block that is the next entry. */
  Runnable peekBlock() {
    return (Runnable) requireNonNull(reference(peek() == TAGGED_BLOCK ? 1 : 0));
  }

  /** Whose the block is that was just found; null for a callback. */
  BlockOwner.@Nullable Tag tag() {
    return tag;
  }

  /** The block that was just found, once. */
  Runnable takeBlock() {
    return (Runnable) takeReference();
  }

  private static BlockOwner.@Nullable Tag tagIn(Object reference) {
    return reference instanceof BlockOwner.Tag owner ? owner : null; // else it is NO_TAG
  }

  private @Nullable Object reference(int ahead) {
    return blocks[(blocksHead + ahead) & (blocks.length - 1)];
  }

  private Object takeReference() {
    @Nullable Object[] b = blocks;
    int i = blocksHead++ & (b.length - 1);
    Object taken = b[i];
    b[i] = null;
    assert taken != null : "a number without its block";
    return taken;
  }

  private void appendReference(Object reference) {
    @Nullable Object[] b = blocks;
    if (blocksTail - blocksHead == b.length) {
      b = growBlocks();
    }
    b[blocksTail++ & (b.length - 1)] = reference;
  }

  private int[] grow() {
    int[] old = ring;
    int[] r = new int[doubled(old.length)];
    int first = head & (old.length - 1);
    System.arraycopy(old, first, r, 0, old.length - first);
    System.arraycopy(old, 0, r, old.length - first, first);
    tail = old.length;
    head = 0;
    ring = r;
    return r;
  }

  private @Nullable Object[] growBlocks() {
    @Nullable Object[] old = blocks;
    @Nullable Object[] b = new @Nullable Object[doubled(old.length)];
    int first = blocksHead & (old.length - 1);
    System.arraycopy(old, first, b, 0, old.length - first);
    System.arraycopy(old, 0, b, old.length - first, first);
    blocksTail = old.length;
    blocksHead = 0;
    blocks = b;
    return b;
  }

  private static int doubled(int capacity) {
    int twice = capacity << 1;
    if (twice < 0) {
      throw new OutOfMemoryError("run queue is full: " + capacity + " entries are ready");
    }
    return twice;
  }
}
