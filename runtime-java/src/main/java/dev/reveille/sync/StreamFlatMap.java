package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#flatMap}. */
final class StreamFlatMap<S, T> extends StreamOperator<S, T> {
  private final int concurrency;
  private final Function<? super S, ? extends PollStream<? extends T>> function;
  private final Rotation<T> inner = new Rotation<>();

  StreamFlatMap(
      PollStream<S> upstream,
      int concurrency,
      Function<? super S, ? extends PollStream<? extends T>> function) {
    super("flatMap", upstream);
    if (concurrency < 1) {
      throw new IllegalArgumentException(
          "flatMap: the concurrency must be at least 1: " + concurrency);
    }
    this.concurrency = concurrency;
    this.function = requireNonNull(function, "function");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    for (; ; ) {
      boolean mayOpenMore = open(cx);
      Poll<@Nullable T> poll = inner.poll(cx);
      if (poll.isReady() && poll.value() == null) { // none is left
        if (!isUpstreamOpen()) {
          return poll;
        }
        if (!mayOpenMore) {
          return Poll.pending(); // upstream is, or the budget is spent
        }
      } else if (poll.isReady() || !mayOpenMore || inner.size() == concurrency) {
        return poll;
      }
      if (!cx.tryProceed()) { // those that ended left room for others
        return Poll.pending();
      }
    }
  }

  /** Returns whether upstream could give more now: false after it was Pending. */
  private boolean open(Context cx) throws Exception {
    while (isUpstreamOpen() && inner.size() < concurrency) {
      Poll<@Nullable S> outer = pollUpstreamAsChild(cx);
      if (outer.isPending()) {
        return false;
      }
      S element = outer.value();
      if (element != null) {
        inner.add(notNull("flatMap", function.apply(element)));
        if (!cx.tryProceed()) {
          return false;
        }
      }
    }
    return isUpstreamOpen();
  }

  @Override
  protected void release() {
    try {
      inner.cancelAll();
    } finally {
      super.release();
    }
  }
}
