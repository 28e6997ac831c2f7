package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/** A stream that makes its elements of those of one other stream, which it owns. */
abstract class StreamOperator<S, T> extends AbstractPollStream<T> {
  private final Upstream<S> upstream;

  StreamOperator(String name, PollStream<? extends S> upstream) {
    super(name);
    this.upstream = new Upstream<>(upstream);
  }

  final Poll<@Nullable S> pollUpstream(Context cx) throws Exception {
    return upstream.poll(cx);
  }

  /** The same, for operators that poll others as well: each has to keep the rule of Pending. */
  final Poll<@Nullable S> pollUpstreamAsChild(Context cx) throws Exception {
    return cx.pollChild(upstream);
  }

  final boolean isUpstreamOpen() {
    return upstream.isOpen();
  }

  final void cancelUpstream() {
    upstream.cancel();
  }

  @Override
  protected void release() {
    upstream.cancel();
  }

  /** What a user's function returned, which has to be an element. */
  static <R> R notNull(String operator, @Nullable R result) {
    if (result == null) {
      throw new NullPointerException(
          "the function of " + operator + " returned null; elements of a stream are not null");
    }
    return result;
  }
}
