package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#skip}. */
final class StreamSkip<T> extends StreamOperator<T, T> {
  private long left;

  StreamSkip(PollStream<T> upstream, long count) {
    super("skip", upstream);
    if (count < 0) {
      throw new IllegalArgumentException("skip: the count must not be negative: " + count);
    }
    left = count;
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    for (; ; ) {
      Poll<@Nullable T> poll = pollUpstream(cx);
      if (left == 0 || poll.isPending() || poll.value() == null) {
        return poll;
      }
      left--;
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
    }
  }
}
