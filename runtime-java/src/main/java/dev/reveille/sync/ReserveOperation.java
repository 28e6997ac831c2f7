package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;

/** {@link Sender#reserve}. */
final class ReserveOperation<T> extends Operation<SendPermit<T>> {
  private final ChannelCore<T> core;
  private final ChannelNode<T> node = new ChannelNode<>();

  ReserveOperation(ChannelCore<T> core) {
    super(core.names.reserve);
    this.core = core;
  }

  @Override
  protected Poll<SendPermit<T>> doPoll(Context cx) {
    return core.pollReserve(node, cx);
  }

  @Override
  protected void doCancel() {
    core.cancelSend(node);
  }
}
