package dev.reveille.io.buffer;

import org.jspecify.annotations.Nullable;

/**
 * Those who wait for a buffer, in the order of their coming: a list through the leases themselves,
 * so that joining, leaving from the middle and being served are O(1) and allocate nothing. On the
 * loop only.
 */
final class LeaseQueue {
  private @Nullable BufferLease first;
  private @Nullable BufferLease last;

  @Nullable BufferLease first() {
    return first;
  }

  void addLast(BufferLease lease) {
    lease.queued = true;
    lease.previous = last;
    if (last == null) {
      first = lease;
    } else {
      last.next = lease;
    }
    last = lease;
  }

  void remove(BufferLease lease) {
    BufferLease before = lease.previous;
    BufferLease after = lease.next;
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
    lease.previous = null;
    lease.next = null;
    lease.queued = false;
  }
}
