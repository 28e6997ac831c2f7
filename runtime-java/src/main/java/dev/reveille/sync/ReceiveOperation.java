package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/** {@link Receiver#receive} and {@link Channel#receive}. */
final class ReceiveOperation<T> extends Operation<@Nullable T> {
  private final ChannelCore<T> core;

  /** The end, until the first poll has asked it; null for none. */
  private @Nullable Receiver<T> end;

  private final ReceiveNode<T> node = new ReceiveNode<>();

  ReceiveOperation(ChannelCore<T> core, @Nullable Receiver<T> end) {
    super(core.names.receive());
    this.core = core;
    this.end = end;
  }

  @Override
  protected Poll<@Nullable T> doPoll(Context cx) {
    if (end != null) {
      end.refusePending("receive()");
      end = null;
    }
    return core.pollReceive(node, cx);
  }

  @Override
  protected void doCancel() {
    core.cancelReceive(node);
  }
}
