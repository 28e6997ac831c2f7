package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/** {@link Receiver#asStream}. */
final class ReceiverStream<T> extends AbstractPollStream<T> {
  private final Receiver<T> receiver;

  ReceiverStream(Receiver<T> receiver) {
    super("values of " + receiver);
    this.receiver = receiver;
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) {
    return receiver.pollReceive(cx);
  }

  @Override
  protected void release() {
    receiver.close();
  }
}
