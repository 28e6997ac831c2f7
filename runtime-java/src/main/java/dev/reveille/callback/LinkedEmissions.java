package dev.reveille.callback;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.callback.Emission.Ending;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Elements that stay once they were accepted: unbounded, buffer, drop the latest, watermark, block.
 *
 * <h2>Algorithm</h2>
 *
 * Foreign threads push onto a Treiber stack ({@link #top}), one node an element; the loop takes the
 * stack whole and turns it round into a list that it owns alone, so there is no ABA, and what the
 * loop pays for its atomics is shared by all that came since the last time. A node is pushed once
 * at most.
 *
 * <p>The loop itself, when it emits, puts the element into a ring that is consumed before the list:
 * no atomic, no allocation, and two stored references, where nodes that are used again take nine,
 * each with a barrier of the collector. Before that it takes the stack, behind which its element
 * belongs; if there is something in the list then, or no room in the ring, the element is appended
 * to the list.
 *
 * <p>A stack rather than a linked queue (Vyukov): the loop never meets a node that is announced and
 * not linked yet, for which it would have to spin.
 *
 * <h2>The end</h2>
 *
 * An {@link Ending} on top of the stack stays there for good: nothing can be pushed on it, and the
 * loop takes what is below it. So an element is in front of the end, and will be given or dropped,
 * or its push fails: there is no third possibility, and no look back after a push.
 *
 * <h2>The bound</h2>
 *
 * One who puts takes a place first ({@link #size}), then pushes; the loop gives the place back when
 * the element is taken. So the bound is never exceeded, whoever races. Unbounded ones do not count,
 * and those that block count with a fair {@link Semaphore}, which is what it is for.
 *
 * <table>
 * <caption>Fields that threads share</caption>
 * <tr><th>field</th><th>writes</th><th>reads that pair</th></tr>
 * <tr><td>top</td><td>any thread: CAS (volatile), which publishes the node and the element; loop:
 * CAS to null, getAndSet at the close</td><td>loop (volatile), also after it registered as the waiter: see
 * {@link Emissions}</td></tr>
 * <tr><td>size</td><td>any thread: CAS or getAndAdd (volatile); loop: getAndAdd</td><td>CAS of the
 * others; {@link Watermark#run}, after it announced that it looks</td></tr>
 * <tr><td>ring, head, tail, first, last, ending</td><td colspan="2">loop</td></tr>
 * </table>
 */
final class LinkedEmissions<T> extends Emissions<T> {
  private static final VarHandle TOP = handle("top", Emission.class);
  private static final VarHandle SIZE = handle("size", int.class);

  private static VarHandle handle(String field, Class<?> type) {
    return fieldVarHandle(
        MethodHandles.lookup(), field, VarHandle.class, LinkedEmissions.class, type);
  }

  /** What the loop puts there when nobody takes any more. Nothing is ever below it. */
  private static final Ending CLOSED = new Ending(null);

  private static final @Nullable Object[] NO_RING = {};

  private static final int FIRST_RING = 8;

  /** The ring does not get larger: it is kept as long as the stream. A kilobyte. */
  private static final int MAX_RING = 256;

  private final int capacity;
  private final boolean counted;

  /** What a full one does: fail the stream, or just drop the element. */
  private final boolean overflowFails;

  /** Null unless it blocks. */
  private final @Nullable Semaphore places;

  /** Null unless there is one. */
  private final @Nullable Watermark watermark;

  private volatile @Nullable Emission top;
  private volatile int size;

  /** What the loop emitted before all that is in the list. Its size is a power of two, or zero. */
  private @Nullable Object[] ring = NO_RING;

  /** Where the next element is taken; its low bits are the index. */
  private int head;

  /** Where the next element goes. */
  private int tail;

  /** The list: what came after all that is in the ring. */
  private @Nullable Emission first;

  private @Nullable Emission last;

  /** The end, once the loop has found it; elements may be before it. */
  private @Nullable Ending ending;

  LinkedEmissions(Emitter<T> emitter, EmitterStream<T> stream, Context cx) {
    super(emitter, stream, cx);
    Overflow overflow = stream.overflow;
    this.capacity = overflow.capacity;
    this.places = overflow.blocks() ? new Semaphore(capacity, true) : null;
    this.counted = capacity < Integer.MAX_VALUE && places == null;
    this.overflowFails = overflow.fails();
    this.watermark = overflow.pause != null ? new Watermark(overflow, this) : null;
  }

  // ------------------------------------------------------------------ any thread

  @Override
  EmitResult next(T element) {
    if (isTerminated()) {
      return refused(element);
    }
    brought();
    int left = Integer.MAX_VALUE;
    Semaphore p = places;
    if (p != null) {
      left = awaitPlace(p);
      if (left < 0) {
        return dropped(element);
      }
    } else if (counted) {
      left = watermark == null ? takePlace() : Math.max(0, capacity - countUp());
      if (left < 0) {
        return full(element);
      }
    }
    if (!(dispatcher.onLoop() ? append(element) : push(new Emission(element)))) {
      return refused(element); // the place that it had is nobody's any more
    }
    wake();
    Watermark w = watermark;
    if (w != null && left == 0) {
      w.reached();
    }
    return EmitResult.Enqueued.of(left);
  }

  /** How many places are left after it; negative if there was none. */
  private int takePlace() {
    int seen = size;
    for (; ; ) {
      if (seen >= capacity) {
        return -1;
      }
      int witness = (int) SIZE.compareAndExchange(this, seen, seen + 1);
      if (witness == seen) {
        return capacity - seen - 1;
      }
      seen = witness;
    }
  }

  private int countUp() {
    return (int) SIZE.getAndAdd(this, 1) + 1;
  }

  private EmitResult full(T element) {
    if (overflowFails && !terminate(new OverflowException(name, capacity))) {
      return refused(element);
    }
    return dropped(element);
  }

  /** Waits for a place. Negative if the thread was interrupted instead. */
  private int awaitPlace(Semaphore p) {
    Dispatcher loop = Dispatcher.current();
    if (loop != null) {
      throw new IllegalStateException(
          "'"
              + name
              + "' blocks the one who emits, and next() was called on the loop of dispatcher '"
              + loop.name()
              + "', which would stand still; choose another Overflow for it");
    }
    if (p.hasQueuedThreads() || !p.tryAcquire()) {
      try {
        p.acquire();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // next() does not throw it; the caller will see
        return -1;
      }
    }
    return p.availablePermits();
  }

  private boolean push(Emission emission) {
    Emission seen = top;
    for (; ; ) {
      if (seen instanceof Ending) {
        return false;
      }
      emission.next = seen;
      Emission witness = (Emission) TOP.compareAndExchange(this, seen, emission);
      if (witness == seen) {
        return true;
      }
      seen = witness;
    }
  }

  @Override
  boolean terminate(@Nullable Throwable failure) {
    if (!push(new Ending(failure))) {
      return false;
    }
    releaseThreads();
    wake();
    return true;
  }

  /** More than can be waiting; and with those that are given back later, no more than fit. */
  private void releaseThreads() {
    Semaphore p = places;
    if (p != null) {
      p.release((Integer.MAX_VALUE - capacity) >>> 1);
    }
  }

  @Override
  boolean isTerminated() {
    return top instanceof Ending;
  }

  /** For the watermark. */
  int size() {
    return size;
  }

  // ------------------------------------------------------------------ on the loop

  /** Puts an element of the loop behind all that came before. Returns false after the end. */
  private boolean append(T element) {
    drain();
    if (ending != null) {
      return false;
    }
    boolean full = tail - head == ring.length;
    if (first != null || (full && ring.length == MAX_RING)) {
      Emission emission = new Emission(element);
      link(emission, emission);
    } else {
      if (full) {
        grow();
      }
      ring[tail++ & (ring.length - 1)] = element;
    }
    return true;
  }

  private void grow() {
    @Nullable Object[] old = ring;
    @Nullable Object[] r = new @Nullable Object[Math.max(FIRST_RING, 2 * old.length)];
    for (int i = head; i != tail; i++) {
      r[i & (r.length - 1)] = old[i & (old.length - 1)];
    }
    ring = r;
  }

  @Override
  boolean hasElement() {
    if (head == tail && first == null) {
      drain();
      return first != null;
    }
    return true;
  }

  @Override
  @SuppressWarnings("unchecked") // only next() puts elements there
  T take() {
    T element = (T) requireNonNull(oldest());
    if (places != null) {
      places.release();
    } else if (counted) {
      int left = (int) SIZE.getAndAdd(this, -1) - 1;
      if (watermark != null) {
        watermark.drained(left);
      }
    }
    return element;
  }

  /** Takes it out. Null if there is none. */
  private @Nullable Object oldest() {
    Object element;
    if (head != tail) {
      @Nullable Object[] r = ring;
      int i = head++ & (r.length - 1);
      element = r[i];
      r[i] = null;
      return element;
    }
    Emission emission = first;
    if (emission == null) {
      return null;
    }
    first = emission.next;
    if (first == null) {
      last = null;
    }
    element = emission.element;
    emission.element = null;
    emission.next = null; // an old one must not keep all the younger ones from the collector
    return element;
  }

  @Override
  @Nullable Ending ending() {
    return head == tail && first == null ? ending : null;
  }

  /** Takes what foreign threads have pushed; by CAS, since an ending has to stay. */
  private void drain() {
    for (; ; ) {
      Emission youngest = top;
      if (youngest == null || youngest == ending) {
        return;
      }
      if (youngest instanceof Ending || TOP.compareAndSet(this, youngest, null)) {
        unpack(youngest);
        return;
      }
    }
  }

  /** Appends a stack to the list, the oldest first. */
  private void unpack(@Nullable Emission stack) {
    Emission youngest = stack;
    if (youngest instanceof Ending end) {
      ending = end;
      youngest = end.next;
      if (youngest != null) {
        end.next = null;
      }
    }
    Emission oldest = null;
    Emission emission = youngest;
    while (emission != null) {
      Emission older = emission.next;
      emission.next = oldest;
      oldest = emission;
      emission = older;
    }
    if (oldest != null) {
      link(oldest, youngest);
    }
  }

  private void link(Emission oldest, @Nullable Emission youngest) {
    if (last == null) {
      first = oldest;
    } else {
      last.next = oldest;
    }
    last = youngest;
  }

  @Override
  void close() {
    Emission before = (Emission) TOP.getAndSet(this, CLOSED);
    if (!(before instanceof Ending)) {
      releaseThreads();
    }
    consumer.clear();
    if (watermark != null) {
      watermark.close();
    }
    if (before != ending) {
      unpack(before);
    }
    ending = CLOSED;
    for (Object element = oldest(); element != null; element = oldest()) {
      dispose(element);
    }
  }
}
