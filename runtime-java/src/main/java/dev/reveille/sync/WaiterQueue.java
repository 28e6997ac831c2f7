package dev.reveille.sync;

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
    assert !waiter.queued : "queued twice";
    waiter.queued = true;
    Waiter before = last;
    if (before == null) {
      first = waiter;
    } else {
      waiter.previous = before;
      before.next = waiter;
    }
    last = waiter;
    size++;
  }

  void addFirst(Waiter waiter) {
    assert !waiter.queued : "queued twice";
    waiter.queued = true;
    Waiter after = first;
    if (after == null) {
      last = waiter;
    } else {
      waiter.next = after;
      after.previous = waiter;
    }
    first = waiter;
    size++;
  }

  @Nullable Waiter pollFirst() {
    Waiter waiter = first;
    if (waiter != null) {
      remove(waiter);
    }
    return waiter;
  }

  /** Does nothing if the waiter is not in the queue. */
  boolean remove(Waiter waiter) {
    if (!waiter.queued) {
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
    if (before != after) { // it did not stand alone
      waiter.previous = null;
      waiter.next = null;
    }
    waiter.queued = false;
    size--;
    return true;
  }
}
