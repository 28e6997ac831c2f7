package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Nanos;
import dev.reveille.Poll;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * {@link PollStream#throttleFirst}. A window begins when the clock is read, and is over when the
 * loop's own reading says so, which is never ahead of the clock: a window is never too short.
 */
final class StreamThrottleFirst<T> extends StreamOperator<T, T> {
  private final Period window;
  private boolean open = true;
  private long opensAt;

  StreamThrottleFirst(PollStream<T> upstream, Duration window) {
    super("throttleFirst", upstream);
    this.window = Period.of("throttleFirst", window);
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    for (; ; ) {
      Poll<@Nullable T> poll = pollUpstream(cx);
      if (poll.isPending() || poll.value() == null) {
        return poll;
      }
      if (open || (opensAt != Nanos.NEVER && cx.now() - opensAt >= 0)) {
        open = false;
        opensAt = window.after(cx.dispatcher().ticker().read());
        return poll;
      }
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
    }
  }
}
