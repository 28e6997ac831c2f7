package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/**
 * The stream that an operator took over, until it has ended, failed or was cancelled. Then it is
 * let go: nobody polls or cancels it a second time, also if it is a hand-written one that would
 * mind, and what it holds can be collected.
 *
 * <p>A {@link Pollable}, so that those who poll several can have {@link Context#pollChild} check
 * each.
 */
final class Upstream<S> implements Pollable<@Nullable S> {
  private @Nullable PollStream<S> stream;

  @SuppressWarnings("unchecked") // elements are only taken out
  Upstream(PollStream<? extends S> stream) {
    this.stream = (PollStream<S>) requireNonNull(stream, "stream");
  }

  /** False after the end: then it is not to be polled. */
  boolean isOpen() {
    return stream != null;
  }

  @Override
  public Poll<@Nullable S> poll(Context cx) throws Exception {
    PollStream<S> s = stream;
    assert s != null : "an operator polled its upstream after the end";
    Poll<@Nullable S> poll;
    try {
      poll = s.pollNext(cx);
      if (poll == null) { // by code that is not null-checked
        throw new NullPointerException(
            "stream '" + s + "' returned null; return Poll.ready(...) or Poll.pending()");
      }
    } catch (Throwable t) {
      stream = null;
      throw t;
    }
    if (poll.isReady() && poll.value() == null) {
      stream = null;
    }
    return poll;
  }

  /** Cancels the stream, unless it is at its end. */
  @Override
  public void cancel() {
    PollStream<S> s = stream;
    stream = null;
    if (s != null) {
      s.cancel();
    }
  }

  @Override
  public String toString() {
    return String.valueOf(stream);
  }
}
