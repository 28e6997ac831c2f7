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
 * loop pays for its atomics is shared by all that came since the last time. The loop itself, when
 * it emits, appends to that list, after it has taken the stack, behind which it belongs: no atomic,
 * and no allocation, since it uses the nodes of elements again that were consumed. A node is pushed
 * once at most; used again it never leaves the loop.
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
 * <tr><td>first, last, spare, spares, emitsHere, ending</td><td colspan="2">loop</td></tr>
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

  /** Nodes kept for the loop's own elements: a burst of so many costs no allocation. */
  private static final int MAX_SPARES = 64;

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

  private @Nullable Emission first;
  private @Nullable Emission last;
  private @Nullable Emission spare;
  private int spares;
  private boolean emitsHere;

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
    emitsHere = true;
    Emission emission = spare;
    if (emission == null) {
      emission = new Emission(element);
    } else {
      spare = emission.next;
      spares--;
      emission.next = null;
      emission.element = element;
    }
    if (last == null) {
      first = emission;
    } else {
      last.next = emission;
    }
    last = emission;
    return true;
  }

  @Override
  boolean hasElement() {
    if (first == null) {
      drain();
    }
    return first != null;
  }

  @Override
  @SuppressWarnings("unchecked") // only next() puts elements there
  T take() {
    Emission emission = requireNonNull(first);
    first = emission.next;
    if (first == null) {
      last = null;
    }
    T element = (T) requireNonNull(emission.element);
    recycle(emission);
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

  private void recycle(Emission emission) {
    emission.element = null;
    if (emitsHere && spares < MAX_SPARES) {
      emission.next = spare;
      spare = emission;
      spares++;
    } else {
      emission.next = null; // an old one must not keep all the younger ones from the collector
    }
  }

  @Override
  @Nullable Ending ending() {
    return first == null ? ending : null;
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
      if (last == null) {
        first = oldest;
      } else {
        last.next = oldest;
      }
      last = youngest;
    }
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
    Emission emission = first;
    first = null;
    last = null;
    spare = null;
    spares = MAX_SPARES; // no more of them
    while (emission != null) {
      Emission younger = emission.next;
      emission.next = null;
      dispose(requireNonNull(emission.element));
      emission = younger;
    }
  }
}
