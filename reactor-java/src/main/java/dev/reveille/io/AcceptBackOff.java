package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Timer;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;

/**
 * The waits of a listener that can not accept, because descriptors have run out, say. Descriptors
 * become free when connections end, which nobody tells; so it tries again after a while that
 * doubles. The connections wait in the backlog meanwhile. An episode ends with the first call that
 * does not fail, and is reported once. On the loop only.
 */
final class AcceptBackOff {
  private static final Logger LOGGER = System.getLogger("dev.reveille.io");

  static final Duration FIRST = Duration.ofMillis(10);
  static final Duration LONGEST = Duration.ofSeconds(1);

  private final Timer timer;
  private Duration next = FIRST;
  private boolean on;
  private boolean reported;

  AcceptBackOff(Dispatcher dispatcher) {
    this.timer = new Timer(dispatcher);
  }

  boolean isOn() {
    return on;
  }

  void begin(TcpListener listener, IOException failure) {
    if (!reported) {
      reported = true;
      LOGGER.log(
          Logger.Level.WARNING,
          listener
              + " can not accept, though a connection is there; it tries again after "
              + FIRST
              + ", then after up to "
              + LONGEST
              + ", until it can",
          failure);
    }
    on = true;
    timer.reset(next);
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
  }

  /** Ready when it is time to try again. */
  Poll<Complete> poll(Context cx) {
    Poll<Complete> poll = timer.poll(cx);
    if (poll.isReady()) {
      on = false;
    }
    return poll;
  }

  void end() {
    if (reported) {
      timer.cancel();
      on = false;
      reported = false;
      next = FIRST;
    }
  }
}
