package dev.reveille.io.buffer;

import java.lang.ref.PhantomReference;

/** One acquisition: enqueued if its lease becomes garbage before it is given back. */
final class LeakTracker extends PhantomReference<BufferLease> {
  private final Leaks leaks;
  final Throwable acquiredAt;
  final boolean pooled;

  LeakTracker(Leaks leaks, BufferLease lease, Throwable acquiredAt, boolean pooled) {
    super(lease, leaks.garbage);
    this.leaks = leaks;
    this.acquiredAt = acquiredAt;
    this.pooled = pooled;
  }

  /** The buffer was given back. Any thread. */
  void done() {
    leaks.alive.remove(this);
    clear();
  }
}
