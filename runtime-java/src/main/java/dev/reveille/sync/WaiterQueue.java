package dev.reveille.sync;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait at an endpoint, in the order of their coming: a doubly linked list through the
 * {@linkplain Waiter waiters} themselves, so that joining, leaving from the middle and being served
 * are O(1) and allocate nothing.
 *
 * <p>Guarded by the lock of the endpoint.
 */
final class WaiterQueue {
  private @Nullable Waiter first;
  private @Nullable Waiter last;
  private int size;

  boolean isEmpty() {
    return first == null;
  }

  int size() {
    return size;
  }

  @Nullable Waiter first() {
    return first;
  }

  void addLast(Waiter waiter) {
    assert waiter.queue == null : "queued twice";
    waiter.queue = this;
    waiter.previous = last;
    if (last == null) {
      first = waiter;
    } else {
      last.next = waiter;
    }
    last = waiter;
    size++;
  }

  @Nullable Waiter pollFirst() {
    Waiter waiter = first;
    if (waiter != null) {
      remove(waiter);
    }
    return waiter;
  }

  /** Does nothing if the waiter is not in this queue. */
  boolean remove(Waiter waiter) {
    if (waiter.queue != this) {
      return false;
    }
    Waiter before = waiter.previous;
    Waiter after = waiter.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    waiter.previous = null;
    waiter.next = null;
    waiter.queue = null;
    size--;
    return true;
  }

  /** Takes all out, oldest first, for a close. */
  List<Waiter> removeAll() {
    List<Waiter> all = new ArrayList<>(size);
    for (Waiter waiter = pollFirst(); waiter != null; waiter = pollFirst()) {
      all.add(waiter);
    }
    return all;
  }
}
