package dev.reveille;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The armed timers of one loop, in a hierarchical wheel with a resolution of one nanosecond.
 *
 * <h2>Overview</h2>
 *
 * There are eleven levels of 64 slots; a slot of level {@code k} is {@code 64^k} ns wide, so that
 * the levels together span all of a {@code long}. A timer stands on the level of the highest group
 * of six bits in which its deadline differs from {@link #elapsed}, in the slot that this group of
 * the deadline names. (The rule is that of Varghese and Lauck's scheme 7, "Hashed and Hierarchical
 * Timing Wheels", SOSP 1987, in the form with exclusive-or that tokio and the Linux kernel know.) A
 * word a level says which slots are occupied, and one word which levels are, so that the next
 * occupied slot is found with two bit scans: there is no tick, and an empty wheel costs nothing.
 *
 * <p>Arm and cancel are O(1): a list insertion and a list removal; nothing is allocated but, once,
 * the array of a level when it is first used. A timer that fires has moved down at most ten times.
 *
 * <h2>Exact order</h2>
 *
 * Timers fire in the order (deadline, time of arming), with no sequence number. A slot of level 0
 * is one nanosecond wide, so what shares it is equal. Each list keeps the order of arming, and
 * moving a slot down keeps the order of its list. It remains to be seen that two timers with the
 * same deadline stand in the same list at each moment: the place depends only on the deadline and
 * on {@code elapsed}, and whenever {@code elapsed} enters the range of an occupied slot, all of
 * that slot is placed anew at once. So an older timer can not be left behind on a level above a
 * younger one.
 *
 * <p>A timer that is armed for {@code elapsed} or before goes to the overdue list, which is kept
 * sorted by deadline; it fires before all others, in the next pass.
 *
 * <h2>The next deadline</h2>
 *
 * The first occupied slot of the lowest occupied level holds the earliest timer. On level 0, and
 * where it is alone, its deadline is exact; else the list is searched. A list of more than {@link
 * #SEARCH_LIMIT} timers is not searched: then {@link #nextWakeup} is the start of the slot, so that
 * the loop wakes once too early, moves the slot down, and knows more. That is at most one wake-up
 * more per level and crowd, never a late one, and keeps the cost of going to sleep bounded.
 *
 * <p>Driver only.
 */
final class TimerWheel {
  /** Values of {@link TimerNode#place} that name no slot. */
  static final short UNARMED = -1;

  private static final short OVERDUE = -2;
  private static final short AT_NEVER = -3;

  private static final int BITS = 6;
  private static final int SLOTS = 1 << BITS;
  private static final int LEVELS = 11;
  private static final int SEARCH_LIMIT = 64;

  /**
   * Everything up to here has been moved down or has fired; no slot whose range holds this moment
   * is occupied, but for level 0 in the middle of a pass.
   */
  private long elapsed;

  /** Heads of circular lists; a head's {@code before} is the tail. A level is null until used. */
  private final @Nullable TimerNode[] @Nullable [] lists =
      new @Nullable TimerNode[LEVELS] @Nullable [];

  /** Bit s of word k: slot s of level k is occupied. */
  private final long[] occupied = new long[LEVELS];

  /** Bit k: level k has an occupied slot. */
  private int levels;

  /** Head of the circular list of what was armed for the past, sorted by deadline. */
  private @Nullable TimerNode overdue;

  /** Head of the circular list of what was armed for {@link Nanos#NEVER}. */
  private @Nullable TimerNode never;

  private int size;

  /** How many timers are armed, those at {@link Nanos#NEVER} too. */
  int size() {
    return size;
  }

  /** Arms a timer that is not armed. */
  void arm(TimerNode timer, long due) {
    assert !timer.isArmed() : timer;
    timer.due = due;
    size++;
    place(timer);
  }

  /** Disarms a timer that is armed. */
  void disarm(TimerNode timer) {
    assert timer.isArmed() : timer;
    size--;
    unlink(timer);
  }

  /**
   * Unlinks and returns the next timer that is due. The pass is over when it returns null; nothing
   * is to be armed within a pass, but what fires only queues and wakes.
   */
  @Nullable TimerNode pollDue(long now) {
    for (; ; ) {
      TimerNode first =
          overdue; // looked at each time: moving down can find one that is due just now
      if (first != null) {
        disarm(first);
        return first;
      }
      if (levels == 0) {
        break;
      }
      int level = Integer.numberOfTrailingZeros(levels);
      int slot = Long.numberOfTrailingZeros(occupied[level]);
      TimerNode head = head(level, slot);
      if ((level == 0 || head.after == head) && head.due <= now) {
        elapsed = head.due;
        disarm(head);
        return head;
      }
      if (level == 0) {
        break;
      }
      // Also one that is alone moves down once its slot is entered: see "Exact order".
      long start = start(level, slot);
      if (start > now) {
        break;
      }
      elapsed = start;
      moveDown(level, slot);
    }
    if (now > elapsed) {
      elapsed = now;
    }
    return null;
  }

  /** The exact earliest deadline, or {@link Nanos#NEVER}. May search a slot. */
  long earliest() {
    return next(Integer.MAX_VALUE);
  }

  /** Until when the loop may sleep: the earliest deadline or, of a crowd, a moment before it. */
  long nextWakeup() {
    return next(SEARCH_LIMIT);
  }

  private long next(int searchLimit) {
    if (overdue != null) {
      return overdue.due;
    }
    if (levels == 0) {
      return Nanos.NEVER;
    }
    int level = Integer.numberOfTrailingZeros(levels);
    int slot = Long.numberOfTrailingZeros(occupied[level]);
    TimerNode head = head(level, slot);
    if (level == 0) {
      return head.due;
    }
    long min = head.due;
    int searched = 1;
    for (TimerNode t = after(head); t != head; t = after(t)) {
      if (++searched > searchLimit) {
        return start(level, slot);
      }
      min = Math.min(min, t.due);
    }
    return min;
  }

  /** Disarms and returns everything, in the order of the deadlines. */
  List<TimerNode> disarmAll() {
    List<TimerNode> all = new ArrayList<>(size);
    for (TimerNode t = pollDue(Nanos.NEVER); t != null; t = pollDue(Nanos.NEVER)) {
      all.add(t);
    }
    for (TimerNode t = never; t != null; t = never) {
      disarm(t);
      all.add(t);
    }
    return all;
  }

  private void place(TimerNode timer) {
    long due = timer.due;
    if (due <= elapsed) {
      linkOverdue(timer);
    } else if (due == Nanos.NEVER) {
      timer.place = AT_NEVER;
      if (never == null) {
        never = alone(timer);
      } else {
        linkBefore(timer, never);
      }
    } else {
      int level = (63 - Long.numberOfLeadingZeros(due ^ elapsed)) / BITS;
      int slot = (int) (due >>> (BITS * level)) & (SLOTS - 1);
      @Nullable TimerNode[] list = lists[level];
      if (list == null) {
        list = new @Nullable TimerNode[SLOTS];
        lists[level] = list;
      }
      timer.place = (short) ((level << BITS) | slot);
      TimerNode head = list[slot];
      if (head == null) {
        list[slot] = alone(timer);
        occupied[level] |= 1L << slot;
        levels |= 1 << level;
      } else {
        linkBefore(timer, head);
      }
    }
  }

  /** From the tail backwards: almost always the new one is the latest. */
  private void linkOverdue(TimerNode timer) {
    timer.place = OVERDUE;
    TimerNode head = overdue;
    if (head == null) {
      overdue = alone(timer);
      return;
    }
    TimerNode t = before(head);
    while (t.due > timer.due) {
      if (t == head) {
        linkBefore(timer, head);
        overdue = timer;
        return;
      }
      t = before(t);
    }
    linkBefore(timer, after(t));
  }

  private void unlink(TimerNode timer) {
    int place = timer.place;
    timer.place = UNARMED;
    TimerNode after = after(timer);
    TimerNode rest = after == timer ? null : after;
    if (rest != null) {
      TimerNode before = before(timer);
      before.after = after;
      after.before = before;
    }
    timer.before = null;
    timer.after = null;
    if (place == OVERDUE) {
      overdue = overdue == timer ? rest : overdue;
      return;
    }
    if (place == AT_NEVER) {
      never = never == timer ? rest : never;
      return;
    }
    int level = place >>> BITS;
    int slot = place & (SLOTS - 1);
    @Nullable TimerNode[] list = lists[level];
    assert list != null;
    if (list[slot] == timer) {
      list[slot] = rest;
      if (rest == null) {
        clear(level, slot);
      }
    }
  }

  /**
   * Places each timer of a slot anew, in the order of its list, after {@link #elapsed} entered it.
   */
  private void moveDown(int level, int slot) {
    TimerNode head = head(level, slot);
    @Nullable TimerNode[] list = lists[level];
    assert list != null;
    list[slot] = null;
    clear(level, slot);
    TimerNode tail = before(head);
    TimerNode t = head;
    for (; ; ) {
      TimerNode following = after(t); // before place() gives it new neighbours
      place(t);
      if (t == tail) {
        return;
      }
      t = following;
    }
  }

  private void clear(int level, int slot) {
    if ((occupied[level] &= ~(1L << slot)) == 0) {
      levels &= ~(1 << level);
    }
  }

  /** The first moment of an occupied slot: the groups above from elapsed, its own number, zeros. */
  private long start(int level, int slot) {
    int shift = BITS * level;
    return (((elapsed >>> shift >>> BITS) << BITS) | slot) << shift;
  }

  private TimerNode head(int level, int slot) {
    @Nullable TimerNode[] list = lists[level];
    assert list != null;
    TimerNode head = list[slot];
    assert head != null : "slot " + slot + " of level " + level + " is marked, but empty";
    return head;
  }

  private static TimerNode alone(TimerNode timer) {
    timer.before = timer;
    timer.after = timer;
    return timer;
  }

  private static void linkBefore(TimerNode timer, TimerNode successor) {
    TimerNode predecessor = before(successor);
    timer.before = predecessor;
    timer.after = successor;
    predecessor.after = timer;
    successor.before = timer;
  }

  private static TimerNode before(TimerNode timer) {
    TimerNode before = timer.before;
    assert before != null : timer;
    return before;
  }

  private static TimerNode after(TimerNode timer) {
    TimerNode after = timer.after;
    assert after != null : timer;
    return after;
  }
}
