package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/**
 * {@link PollStream#takeUntil(Pollable)}.
 *
 * <p>In the poll that finds the signal ready the upstream is polled once more: an element that is
 * there as well wins, and the end comes after it. An upstream that ran out of budget in that poll
 * did not get its chance, so it gets one more poll, with a fresh budget, and no third one; else a
 * stream that always has something to filter out could not be stopped. The signal is polled first,
 * so that such a stream can not eat the budget that the signal needs.
 */
final class StreamTakeUntil<T> extends StreamOperator<T, T> {
  private enum State {
    OPEN,
    LAST_POLL,
    OVER
  }

  private final Pollable<?> signal;
  private State state = State.OPEN;

  StreamTakeUntil(PollStream<T> upstream, Pollable<?> signal) {
    super("takeUntil", upstream);
    this.signal = requireNonNull(signal, "signal");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    if (state == State.OVER) {
      return end();
    }
    boolean lastPoll = state == State.LAST_POLL;
    if (!lastPoll && cx.pollChild(signal).isReady()) {
      state = State.LAST_POLL;
    }
    Poll<@Nullable T> poll = pollUpstreamAsChild(cx);
    if (state == State.OPEN) {
      return poll;
    }
    if (poll.isReady()) {
      state = State.OVER;
      return poll;
    }
    return !lastPoll && cx.isBudgetSpent() ? poll : end();
  }

  @Override
  protected void release() {
    try {
      if (state == State.OPEN) {
        signal.cancel();
      }
    } finally {
      super.release();
    }
  }
}
