package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#take}. */
final class StreamTake<T> extends StreamOperator<T, T> {
  private long left;

  StreamTake(PollStream<T> upstream, long count) {
    super("take", upstream);
    if (count < 0) {
      throw new IllegalArgumentException("take: the count must not be negative: " + count);
    }
    left = count;
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    if (left == 0) {
      return end();
    }
    Poll<@Nullable T> poll = pollUpstream(cx);
    if (poll.isReady() && poll.value() != null && --left == 0) {
      cancelUpstream(); // now, and not when somebody asks for one more
    }
    return poll;
  }
}
