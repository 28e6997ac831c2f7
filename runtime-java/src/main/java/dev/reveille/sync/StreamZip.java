package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#zip}. */
final class StreamZip<S, U, T> extends StreamOperator<S, T> {
  private final Upstream<U> other;
  private final BiFunction<? super S, ? super U, ? extends T> function;

  /** What waits for its counterpart. */
  private @Nullable S left;

  private @Nullable U right;

  StreamZip(
      PollStream<S> upstream,
      PollStream<? extends U> other,
      BiFunction<? super S, ? super U, ? extends T> function) {
    super("zip", upstream);
    this.other = new Upstream<>(other);
    this.function = requireNonNull(function, "function");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    S l = left;
    if (l == null) {
      Poll<@Nullable S> poll = pollUpstreamAsChild(cx);
      if (poll.isReady()) {
        l = poll.value();
        if (l == null) {
          return end();
        }
        left = l;
      }
    }
    U r = right;
    if (r == null) {
      Poll<@Nullable U> poll = cx.pollChild(other);
      if (poll.isReady()) {
        r = poll.value();
        if (r == null) {
          return end();
        }
        right = r;
      }
    }
    if (l == null || r == null) {
      return Poll.pending();
    }
    left = null;
    right = null;
    return element(notNull("zip", function.apply(l, r)));
  }

  @Override
  protected void release() {
    left = null;
    right = null;
    try {
      other.cancel();
    } finally {
      super.release();
    }
  }
}
