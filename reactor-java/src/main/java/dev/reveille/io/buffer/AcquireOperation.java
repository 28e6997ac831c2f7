package dev.reveille.io.buffer;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;

/** {@link BufferPool#acquire}. */
final class AcquireOperation extends Operation<BufferLease> {
  private final BufferLease lease;

  AcquireOperation(BufferLease lease) {
    super("acquire of a buffer");
    this.lease = lease;
  }

  @Override
  protected Poll<BufferLease> doPoll(Context cx) {
    return lease.pollAcquire(cx).isReady() ? Poll.ready(lease) : Poll.pending();
  }

  @Override
  protected void doCancel() {
    lease.close(); // what was granted is passed on
  }
}
