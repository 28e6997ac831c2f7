package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#concatMap}. */
final class StreamConcatMap<S, T> extends StreamOperator<S, T> {
  private final Function<? super S, ? extends PollStream<? extends T>> function;
  private @Nullable Upstream<T> inner;

  StreamConcatMap(
      PollStream<S> upstream, Function<? super S, ? extends PollStream<? extends T>> function) {
    super("concatMap", upstream);
    this.function = requireNonNull(function, "function");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    for (; ; ) {
      Upstream<T> current = inner;
      if (current == null) {
        Poll<@Nullable S> outer = pollUpstream(cx);
        if (outer.isPending()) {
          return Poll.pending();
        }
        S element = outer.value();
        if (element == null) {
          return end();
        }
        current = new Upstream<>(notNull("concatMap", function.apply(element)));
        inner = current;
      }
      Poll<@Nullable T> poll = current.poll(cx);
      if (poll.isPending() || poll.value() != null) {
        return poll;
      }
      inner = null;
      if (!cx.tryProceed()) { // many empty ones in a row
        return Poll.pending();
      }
    }
  }

  @Override
  protected void release() {
    try {
      if (inner != null) {
        inner.cancel();
      }
    } finally {
      super.release();
    }
  }
}
