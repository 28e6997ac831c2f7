package dev.reveille.io;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/** {@link SelectorDispatcher#readable} and {@link SelectorDispatcher#writable}. */
final class ReadinessOperation extends Operation<Complete> {
  private final SelectorDispatcher dispatcher;
  private final SelectableChannel channel;
  private final int direction;
  private @Nullable WatchedChannel watched;

  ReadinessOperation(
      String name, SelectorDispatcher dispatcher, SelectableChannel channel, int direction) {
    super(name);
    this.dispatcher = dispatcher;
    this.channel = requireNonNull(channel, "channel");
    this.direction = direction;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws ClosedChannelException {
    if (watched == null) {
      watched = dispatcher.watched(channel);
    }
    return watched.poll(cx, direction, this);
  }

  @Override
  protected void doCancel() {
    if (watched != null) {
      watched.giveUp(direction, this);
      watched = null;
    }
  }
}
