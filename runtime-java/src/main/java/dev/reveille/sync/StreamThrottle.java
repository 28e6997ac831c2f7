package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#throttle}. */
final class StreamThrottle<T> extends StreamOperator<T, T> {
  private final Duration period;

  /** Null before the first element was given. */
  private @Nullable Timer timer;

  StreamThrottle(PollStream<T> upstream, Duration period) {
    super("throttle", upstream);
    Period.of("throttle", period); // refuses what is not positive
    this.period = period;
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Timer t = timer;
    if (t != null && t.poll(cx).isPending()) {
      return Poll.pending();
    }
    Poll<@Nullable T> poll = pollUpstream(cx);
    if (poll.isReady() && poll.value() != null) {
      if (t == null) {
        t = new Timer(cx.dispatcher());
        timer = t;
      }
      t.reset(period);
    }
    return poll;
  }

  @Override
  protected void release() {
    try {
      if (timer != null) {
        timer.cancel();
      }
    } finally {
      super.release();
    }
  }
}
