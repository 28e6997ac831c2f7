package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The postings that are on a dispatcher: an array of slots, with the free ones on a stack of
 * indices. Only the driver changes it; adding and removing are O(1) and allocate only when the
 * array grows.
 *
 * <p>Any thread may read it for a dump while the loop runs, or is stuck. An entry keeps its slot
 * for its whole stay, also when the array grows, so a reader can miss what came or went while it
 * read, but never sees one posting twice or skips one that stayed.
 */
final class Registry {
  /** No slot. */
  static final int NONE = -1;

  private static final VarHandle SLOTS =
      fieldVarHandle(
          MethodHandles.lookup(), "slots", VarHandle.class, Registry.class, Posting[].class);
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Posting[].class);

  /**
   * Elements are written by the driver with setRelease, read by dumps with getAcquire: a dump sees
   * the fields that the posting had when it was added, or newer ones. The reference is published
   * the same way when the array grows.
   */
  private @Nullable Posting[] slots = new @Nullable Posting[16];

  /** Free slots below {@link #used}, as a stack. */
  private int[] free = new int[16];

  private int freeCount;

  /** Slots from here on were never used. */
  private int used;

  private int size;

  int size() {
    return size;
  }

  void add(Posting posting) {
    int slot;
    if (freeCount > 0) {
      slot = free[--freeCount];
    } else {
      slot = used++;
      if (slot == slots.length) {
        SLOTS.setRelease(this, Arrays.copyOf(slots, slot << 1));
      }
    }
    posting.slot = slot;
    SLOT.setRelease(slots, slot, posting);
    size++;
  }

  /** Driver only: what is in a slot, or null if that one has ended. */
  @Nullable Posting get(int slot) {
    return slots[slot];
  }

  /**
   * The slot of one that is still queued stays taken until the run queue gives its number back, see
   * {@link #free}: else the number would stand for the next one in the slot.
   */
  void remove(Posting posting) {
    int slot = posting.slot;
    assert slots[slot] == posting : posting;
    SLOT.setRelease(slots, slot, (Posting) null);
    size--;
    if (!posting.queued) {
      free(slot);
    }
  }

  /** The slot is empty, and its number is nowhere. */
  void free(int slot) {
    assert slots[slot] == null : slots[slot];
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount << 1);
    }
    free[freeCount++] = slot;
  }

  /** The postings that are here, in the order of their acceptance. Any thread. */
  List<Posting> toList() {
    Posting[] array = (Posting[]) SLOTS.getAcquire(this);
    List<Posting> list = new ArrayList<>();
    for (int i = 0; i < array.length; i++) {
      Posting posting = (Posting) SLOT.getAcquire(array, i);
      if (posting != null) {
        list.add(posting);
      }
    }
    list.sort(Posting::inOrder);
    return list;
  }
}
