package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#interval}. */
final class StreamInterval extends AbstractPollStream<Long> {
  private final Period period;

  /** Null before the first poll. */
  private @Nullable Timer timer;

  private long start;

  /** The number of the period that the timer is armed for. */
  private long number;

  StreamInterval(Duration period) {
    super("interval");
    this.period = Period.of("interval", period);
  }

  @Override
  protected Poll<@Nullable Long> doPollNext(Context cx) {
    Timer t = timer;
    if (t == null) {
      t = new Timer(cx.dispatcher());
      timer = t;
      start = cx.dispatcher().ticker().read();
      t.resetAt(period.after(start));
    }
    if (t.poll(cx).isPending()) {
      return Poll.pending();
    }
    // The loop's time is not behind the deadline that it has just let pass.
    long passed = Math.max(number, (cx.now() - start) / period.nanos() - 1);
    number = passed + 1;
    t.resetAt(period.times(number + 1, start));
    return element(passed);
  }

  @Override
  protected void release() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
