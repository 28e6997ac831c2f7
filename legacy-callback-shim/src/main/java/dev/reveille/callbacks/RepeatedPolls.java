package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Names;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.sync.AbstractPollStream;
import org.jspecify.annotations.Nullable;

/** A source that may be polled again after it was ready, as a stream that has no end. */
final class RepeatedPolls<T> extends AbstractPollStream<T> {
  private final Pollable<? extends T> source;

  RepeatedPolls(Pollable<? extends T> source) {
    super(Names.of(requireNonNull(source, "source")));
    this.source = source;
  }

  /** Suppressed: javac 17 does not read the annotations of type arguments of another module. */
  @Override
  @SuppressWarnings("NullAway")
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Poll<? extends T> poll = cx.pollChild(source);
    return poll.isReady() ? element(poll.value()) : Poll.pending();
  }

  @Override
  protected void release() {
    source.cancel();
  }
}
