package dev.reveille;

import java.util.ArrayList;
import java.util.Arrays;
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
 * <p>Arm, move and cancel are O(1): a list insertion and a list removal, with nothing allocated but
 * when the table grows. A timer that fires has moved down at most ten times.
 *
 * <h2>The table</h2>
 *
 * On the JVM a stored reference costs a barrier of the collector; with G1 a fence each time, and
 * work of the collector's own threads, if what is stored into is old, as timers become. So the
 * lists are linked by numbers, in one {@link #table} of ints: to move a timer stores no reference,
 * and to arm it only the one that says whose number it is. A number is an index into the table. At
 * the front stand the lists, two ints each: who is {@link #BEFORE} and who is {@link #AFTER}. They
 * are circular, and the list itself is part of the circle, so that neither insertion nor removal
 * has a special case. Behind them stand the timers, four ints each: the two links, and the
 * deadline, which is beside them since who moves a slot down needs just these. Sixteen bytes that
 * do not straddle a cache line: of a timer that is moved among a million, the table has one line,
 * and one for each of its old neighbours.
 *
 * <p>A number is given out when a timer is armed, and is free again when it fires or is cancelled:
 * the wheel does not hold it then. Numbers that were given back go out first, the last one first.
 * The table doubles when all are in use. It halves, in which everyone gets another number, if two
 * {@linkplain #look looks}, a second or more apart, have found that less than an eighth of it was
 * ever in use since the look before: a crowd that comes and goes each second keeps its room, and
 * one that is gone does not.
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
  private static final int BITS = 6;
  private static final int SLOTS = 1 << BITS;
  private static final int LEVELS = 11;
  private static final int SEARCH_LIMIT = 64;

  /** Where in the table the links are, counted from the number of a list or timer. */
  private static final int BEFORE = 0;

  private static final int AFTER = 1;

  /** Where the halves of a timer's deadline are. */
  private static final int DUE_HIGH = 2;

  private static final int DUE_LOW = 3;

  /** From one number to the next, as shifts. */
  private static final int LIST_BITS = 1;

  private static final int TIMER_BITS = 2;

  /** Behind the slots, the list of what was armed for the past, sorted by deadline. */
  private static final int OVERDUE = LEVELS << BITS << LIST_BITS;

  /** The list of what was armed for {@link Nanos#NEVER}. */
  private static final int AT_NEVER = OVERDUE + (1 << LIST_BITS);

  /** The bit of {@link #OVERDUE} in the word behind those of the levels. */
  private static final long SOME_OVERDUE = 1;

  /** What stands in a list before this one is due in 17 ms at most. */
  private static final int SOON = 4 << BITS << LIST_BITS;

  /** Here the lists end, and the timers begin. */
  private static final int FIRST = AT_NEVER + (1 << LIST_BITS);

  private static final int INITIAL_CAPACITY = 16;

  /** A table for so many, which has 80 KB, is kept, however few are left. */
  private static final int KEPT_CAPACITY = 1 << 12;

  private static final int MAX_CAPACITY = 1 << 28;

  private static final long LOOK_EVERY = 1_000_000_000;

  /**
   * Everything up to here has been moved down or has fired; no slot whose range holds this moment
   * is occupied, but for level 0 in the middle of a pass.
   */
  private long elapsed;

  /** Of those who were looked at ahead of time. Never read: what is for nothing is not compiled. */
  int ahead;

  /** Empty until a timer is armed. */
  private int[] table = {};

  /** Who has which number; null if it is free. */
  @Nullable TimerNode[] timers = {};

  /** Bit s of word k: slot s of level k is occupied. The last word is for the other two lists. */
  private final long[] occupied = new long[LEVELS + 1];

  /** Bit k: word k is not zero. */
  private int levels;

  /** The number that was given back last, or 0; the others follow by {@link #AFTER}. */
  private int free;

  /** No number from here on was given out yet. */
  private int unused = FIRST;

  /** When to look whether the table is too large; never, while it is small. */
  private long nextLook = Nanos.NEVER;

  /** What the last look found. */
  private boolean tooLarge;

  /** How many numbers are in use. */
  private int size;

  /** How many have been in use at once since the last look. */
  private int peak;

  /** How many timers are armed, those at {@link Nanos#NEVER} too. */
  int size() {
    return size;
  }

  /** Arms a timer, or moves one that is armed: as if it were disarmed and armed, but cheaper. */
  void arm(TimerNode timer, long due) {
    int t = timer.number;
    if (t > 0) {
      unlink(t);
    } else {
      t = take();
      timers[index(t)] = timer;
      timer.number = t;
    }
    table[t + DUE_HIGH] = (int) (due >>> 32);
    table[t + DUE_LOW] = (int) due;
    place(t, due);
  }

  /** Disarms a timer that is armed. */
  void disarm(TimerNode timer) {
    assert timer.isArmed() : timer;
    int t = timer.number;
    unlink(t);
    timer.number = 0;
    timers[index(t)] = null;
    release(t);
  }

  /**
   * Unlinks and returns the next timer that is due. The pass is over when it returns null; nothing
   * is to be armed within a pass, but what fires only queues and wakes.
   */
  @Nullable TimerNode pollDue(long now) {
    while (levels != 0) {
      if (isSomeOverdue()) { // looked at each time: moving down can find one that is due just now
        return remove(after(OVERDUE));
      }
      int level = Integer.numberOfTrailingZeros(levels);
      int slot = Long.numberOfTrailingZeros(occupied[level]);
      int list = list(level, slot);
      if (level == LEVELS) {
        break; // the others are never due
      }
      int head = head(list);
      if (level == 0 || after(head) == list) {
        long due = due(head);
        if (due <= now) {
          elapsed = due;
          return remove(head);
        }
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
      moveDown(list);
    }
    if (now > elapsed) {
      elapsed = now;
    }
    if (levels == 0) { // numbers in a row again, which the next ones find in the cache
      free = 0;
      unused = FIRST;
    }
    if (now >= nextLook) {
      look(now);
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

  /**
   * Whether a deadline comes before {@link #earliest}. Where that would be searched for, one that
   * is not later is enough: most often the first.
   */
  boolean isBeforeAll(long due) {
    if (levels == 0) {
      return due != Nanos.NEVER;
    }
    if (isSomeOverdue()) {
      return due < due(after(OVERDUE));
    }
    int level = Integer.numberOfTrailingZeros(levels);
    int slot = Long.numberOfTrailingZeros(occupied[level]);
    int list = list(level, slot);
    int t = head(list);
    if (level == LEVELS || due < start(level, slot)) {
      return due < due(t);
    }
    do {
      if (due(t) <= due) {
        return false;
      }
      t = after(t);
    } while (t != list);
    return true;
  }

  private long next(int searchLimit) {
    if (levels == 0) {
      return Nanos.NEVER;
    }
    if (isSomeOverdue()) {
      return due(after(OVERDUE));
    }
    int level = Integer.numberOfTrailingZeros(levels);
    int slot = Long.numberOfTrailingZeros(occupied[level]);
    int list = list(level, slot);
    int head = head(list);
    long min = due(head);
    if (level == 0 || level == LEVELS) {
      return min;
    }
    int searched = 1;
    for (int t = after(head); t != list; t = after(t)) {
      if (++searched > searchLimit) {
        return start(level, slot);
      }
      min = Math.min(min, due(t));
    }
    return min;
  }

  /** Disarms everything, in no order. */
  void clear() {
    for (int i = index(unused) - 1; i >= 0; i--) {
      TimerNode timer = timers[i];
      if (timer != null) {
        timer.number = 0;
      }
    }
    begin(0);
  }

  private boolean isSomeOverdue() {
    return (occupied[LEVELS] & SOME_OVERDUE) != 0;
  }

  /** Disarms and returns everything, in the order of the deadlines. */
  List<TimerNode> disarmAll() {
    List<TimerNode> all = new ArrayList<>();
    for (TimerNode t = pollDue(Nanos.NEVER); t != null; t = pollDue(Nanos.NEVER)) {
      all.add(t);
    }
    while (levels != 0) {
      all.add(remove(after(AT_NEVER)));
    }
    return all;
  }

  // ------------------------------------------------------------------ the lists

  private static int list(int level, int slot) {
    return ((level << BITS) | slot) << LIST_BITS;
  }

  private void place(int t, long due) {
    int successor;
    if (due <= elapsed) {
      successor = overdueAfter(due);
    } else if (due == Nanos.NEVER) {
      successor = AT_NEVER;
    } else {
      int level = ((63 - Long.numberOfLeadingZeros(due ^ elapsed)) * 43) >>> 8; // a sixth of it
      int slot = (int) (due >>> (BITS * level)) & (SLOTS - 1);
      successor = list(level, slot);
    }
    int[] a = table;
    int predecessor = a[successor + BEFORE];
    if (predecessor == successor) {
      occupy(successor);
    }
    a[t + BEFORE] = predecessor;
    a[t + AFTER] = successor;
    a[predecessor + AFTER] = t;
    a[successor + BEFORE] = t;
  }

  /**
   * In front of whom one that is overdue belongs. From the tail backwards: almost always the new
   * one is the latest.
   */
  private int overdueAfter(long due) {
    int successor = OVERDUE;
    for (int t = before(OVERDUE); t != OVERDUE && due(t) > due; t = before(t)) {
      successor = t;
    }
    return successor;
  }

  private void unlink(int t) {
    int[] a = table;
    int before = a[t + BEFORE];
    int after = a[t + AFTER];
    a[before + AFTER] = after;
    a[after + BEFORE] = before;
    if (before == after) { // it was alone, and this is the list
      vacate(after);
    }
  }

  /** A list was empty, and will not be. */
  private void occupy(int list) {
    int level = list >>> LIST_BITS >>> BITS;
    occupied[level] |= 1L << (list >>> LIST_BITS);
    levels |= 1 << level;
  }

  /** A list has become empty. */
  private void vacate(int list) {
    int level = list >>> LIST_BITS >>> BITS;
    if ((occupied[level] &= ~(1L << (list >>> LIST_BITS))) == 0) {
      levels &= ~(1 << level);
    }
  }

  /**
   * Places each timer of a slot anew, in the order of its list, after {@link #elapsed} entered it.
   *
   * <p>The objects are not needed for it, but those of timers that fire soon are looked at: what is
   * not in the cache comes while we go on, and not for one after the other when they fire. Of a
   * million that are due within a second, each fires in half the time.
   */
  private void moveDown(int list) {
    int t = head(list);
    table[list + BEFORE] = list;
    table[list + AFTER] = list;
    vacate(list);
    boolean soon = list < SOON;
    int looked = 0;
    while (t != list) {
      int following = after(t); // before place() gives it new neighbours
      place(t, due(t));
      if (soon) {
        looked += timer(timers, t).number;
      }
      t = following;
    }
    ahead = looked;
  }

  /** The first moment of an occupied slot: the groups above from elapsed, its own number, zeros. */
  private long start(int level, int slot) {
    int shift = BITS * level;
    return (((elapsed >>> shift >>> BITS) << BITS) | slot) << shift;
  }

  private int head(int list) {
    int head = after(list);
    assert head != list : list;
    return head;
  }

  private int before(int t) {
    return table[t + BEFORE];
  }

  private int after(int t) {
    return table[t + AFTER];
  }

  private long due(int t) {
    return due(table, t);
  }

  private static long due(int[] a, int t) {
    return (long) a[t + DUE_HIGH] << 32 | Integer.toUnsignedLong(a[t + DUE_LOW]);
  }

  // ------------------------------------------------------------------ the table

  private static int index(int t) {
    return (t - FIRST) >>> TIMER_BITS;
  }

  private static TimerNode timer(@Nullable TimerNode[] timers, int t) {
    TimerNode timer = timers[index(t)];
    assert timer != null : t;
    return timer;
  }

  private TimerNode remove(int t) {
    TimerNode timer = timer(timers, t);
    disarm(timer);
    return timer;
  }

  private int take() {
    int t = free;
    if (t != 0) {
      free = after(t);
    } else {
      t = unused;
      if (index(t) == timers.length) {
        grow();
      }
      unused = t + (1 << TIMER_BITS);
    }
    if (++size > peak) {
      peak = size;
    }
    return t;
  }

  private void release(int t) {
    table[t + AFTER] = free;
    free = t;
    size--;
  }

  private void grow() {
    int capacity = timers.length;
    if (capacity == MAX_CAPACITY) {
      throw new OutOfMemoryError("timer wheel is full");
    }
    if (capacity == 0) {
      begin(INITIAL_CAPACITY);
      return;
    }
    capacity *= 2;
    table = Arrays.copyOf(table, FIRST + (capacity << TIMER_BITS));
    timers = Arrays.copyOf(timers, capacity);
    if (nextLook == Nanos.NEVER && capacity > KEPT_CAPACITY) {
      nextLook = Nanos.add(elapsed, LOOK_EVERY);
    }
  }

  /** Halves the table if it is too large, and was so when we looked before. */
  private void look(long now) {
    int capacity = timers.length;
    boolean before = tooLarge;
    tooLarge = capacity > KEPT_CAPACITY && peak < capacity >>> 3;
    peak = size;
    if (before && tooLarge) {
      try {
        shrink(capacity >>> 1);
      } catch (OutOfMemoryError e) {
        // There is no room for the smaller one beside this one, which goes on: nothing was changed.
      }
    }
    nextLook = timers.length > KEPT_CAPACITY ? Nanos.add(now, LOOK_EVERY) : Nanos.NEVER;
  }

  /** Gives all of them new numbers, list by list, each as if it were armed now. */
  private void shrink(int capacity) {
    int[] old = table;
    @Nullable TimerNode[] oldTimers = timers;
    begin(capacity);
    for (int list = 0; list < FIRST; list += 1 << LIST_BITS) {
      for (int t = old[list + AFTER]; t != list; t = old[t + AFTER]) {
        TimerNode timer = timer(oldTimers, t);
        timer.number = 0;
        arm(timer, due(old, t));
      }
    }
  }

  /** With an empty table. */
  private void begin(int capacity) {
    int[] fresh = new int[FIRST + (capacity << TIMER_BITS)];
    timers = new @Nullable TimerNode[capacity]; // the two change together, or not at all
    table = fresh;
    for (int i = 0; i < FIRST; i++) {
      table[i] = i & -(1 << LIST_BITS);
    }
    Arrays.fill(occupied, 0);
    levels = 0;
    free = 0;
    unused = FIRST;
    size = 0;
    peak = 0;
  }
}
