package dev.reveille.sync;

import dev.reveille.Context;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * {@link PollStream#sample}. The periods are counted from the first element on; the timer is armed
 * only while there is an element to give, so a silent stream has no tick.
 */
final class StreamSample<T> extends StreamHolding<T, T> {
  private final Period period;
  private @Nullable T latest;
  private boolean begun;
  private long start;

  StreamSample(PollStream<T> upstream, Duration period) {
    super("sample", upstream);
    this.period = Period.of("sample", period);
  }

  @Override
  @Nullable T add(Context cx, T element) {
    if (latest == null) {
      long now = cx.dispatcher().ticker().read();
      if (!begun) {
        begun = true;
        start = now;
      }
      timer(cx).resetAt(period.times((now - start) / period.nanos() + 1, start));
    }
    latest = element;
    return null;
  }

  @Override
  @Nullable T take() {
    T element = latest;
    latest = null;
    return element;
  }
}
