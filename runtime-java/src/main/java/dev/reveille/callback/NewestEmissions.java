package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.callback.Emission.Ending;
import org.jspecify.annotations.Nullable;

/**
 * The newest so many elements: drop the oldest, latest.
 *
 * <p>Those who put take too, so the oldest element has several who may take it, and must go to one:
 * the consumer, or the one who drops it. One lock makes that exact, and strict: never more than the
 * capacity, never a drop while there is room, never a newer one lost for an older one. Lock-free
 * rings that are overwritten give up one of these, or need a node for each element; here there is a
 * plain ring, which grows to the capacity as it is needed, and nothing else is allocated. The lock
 * is held for a handful of loads and stores; nothing is called under it.
 *
 * <p>{@link #count} and {@link #ending} are volatile so that the consumer and {@link #isTerminated}
 * look without the lock; they are written under it, after what they announce.
 */
final class NewestEmissions<T> extends Emissions<T> {
  private static final int FIRST_LENGTH = 8;

  private final Object lock = new Object();
  private final int capacity;

  private @Nullable Object[] ring;
  private int head;
  private volatile int count;
  private volatile @Nullable Ending ending;

  NewestEmissions(Emitter<T> emitter, EmitterStream<T> stream, Context cx) {
    super(emitter, stream, cx);
    this.capacity = stream.overflow.capacity;
    this.ring = new @Nullable Object[Math.min(capacity, FIRST_LENGTH)];
  }

  // ------------------------------------------------------------------ any thread

  @Override
  EmitResult next(T element) {
    Object oldest = null;
    int left = 0;
    boolean accepted;
    synchronized (lock) {
      accepted = ending == null;
      if (accepted) {
        if (count == capacity) {
          oldest = removeOldest();
        }
        append(element);
        left = capacity - count;
      }
    }
    if (!accepted) {
      return refused(element);
    }
    wake(); // first: a sink may throw
    try {
      brought();
    } finally {
      if (oldest != null) {
        dropped(oldest);
      }
    }
    return oldest == null ? EmitResult.Enqueued.of(left) : EmitResult.Dropped.RESULT;
  }

  @Override
  boolean terminate(@Nullable Throwable failure) {
    Ending end = new Ending(failure);
    synchronized (lock) {
      if (ending != null) {
        return false;
      }
      ending = end;
    }
    wake();
    return true;
  }

  @Override
  boolean isTerminated() {
    return ending != null;
  }

  // ------------------------------------------------------------------ under the lock

  private void append(T element) {
    int size = count;
    if (size == ring.length) {
      grow();
    }
    int tail = head - (ring.length - size);
    ring[tail < 0 ? tail + ring.length : tail] = element;
    count = size + 1;
  }

  private Object removeOldest() {
    Object oldest = requireNonNull(ring[head]);
    ring[head] = null;
    head = head + 1 == ring.length ? 0 : head + 1;
    int size = count;
    count = size - 1;
    return oldest;
  }

  /** Of a ring that is full. */
  private void grow() {
    int length = ring.length;
    @Nullable Object[] longer = new @Nullable Object[(int) Math.min(capacity, 2L * length)];
    System.arraycopy(ring, head, longer, 0, length - head);
    System.arraycopy(ring, 0, longer, length - head, head);
    ring = longer;
    head = 0;
  }

  // ------------------------------------------------------------------ on the loop

  @Override
  boolean hasElement() {
    return count > 0;
  }

  @Override
  @SuppressWarnings("unchecked") // only next() puts elements there
  T take() {
    synchronized (lock) { // others replace elements meanwhile, but leave one there
      return (T) removeOldest();
    }
  }

  /** The end is set once, and nothing comes after it; so it is read before the count. */
  @Override
  @Nullable Ending ending() {
    Ending end = ending;
    return count == 0 ? end : null;
  }

  @Override
  void close() {
    @Nullable Object[] left;
    int from;
    int size;
    synchronized (lock) {
      if (ending == null) {
        ending = new Ending(null);
      }
      left = ring;
      from = head;
      size = count;
      ring = new @Nullable Object[0];
      head = 0;
      count = 0;
    }
    consumer.clear();
    for (int i = 0; i < size; i++) {
      dispose(requireNonNull(left[(from + i) % left.length]));
    }
  }
}
