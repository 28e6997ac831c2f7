package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Timer;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * The waits of a listener that can not accept, because descriptors have run out, say. Descriptors
 * become free when connections end, which nobody tells; so it tries again after a while that
 * doubles. The connections wait in the backlog meanwhile. An episode ends with the first call that
 * does not fail, and is reported once: as soon as that works, since a logger may need a descriptor
 * too. On the loop only.
 */
final class AcceptBackOff {
  private static final Logger LOGGER = System.getLogger("dev.reveille.io");

  /**
   * The first line of a log opens files: the configuration of the logging, the time zones. That is
   * done before descriptors run out, since a class of the JDK that fails to initialise then fails
   * for good, and with it the log of the whole program.
   */
  @SuppressWarnings("unused")
  private static final boolean CAN_LOG =
      LOGGER.isLoggable(Logger.Level.WARNING) && ZoneId.systemDefault().getRules() != null;

  static final Duration FIRST = Duration.ofMillis(10);
  static final Duration LONGEST = Duration.ofSeconds(1);

  private final Timer timer;
  private Duration next = FIRST;
  private boolean on;

  /** What began the episode; null while there is none. */
  private @Nullable IOException failure;

  private boolean reported;

  AcceptBackOff(Dispatcher dispatcher) {
    this.timer = new Timer(dispatcher);
  }

  boolean isOn() {
    return on;
  }

  void begin(TcpListener listener, IOException why) {
    if (failure == null) {
      failure = why;
    }
    on = true;
    timer.reset(next);
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    report(listener);
  }

  private void report(TcpListener listener) {
    if (reported) {
      return;
    }
    try {
      LOGGER.log(
          Logger.Level.WARNING,
          listener
              + " can not accept, though a connection is there; it tries again after "
              + FIRST
              + ", then after up to "
              + LONGEST
              + ", until it can",
          failure);
      reported = true;
    } catch (Throwable loggerFailed) {
      // The JDK's own throws an Error if it can not open its files now. The listener goes on; what
      // is to be said is said after the next attempt, or at the end, when there are descriptors.
      reported = false;
    }
  }

  /** Ready when it is time to try again. */
  Poll<Complete> poll(Context cx) {
    Poll<Complete> poll = timer.poll(cx);
    if (poll.isReady()) {
      on = false;
    }
    return poll;
  }

  void end(TcpListener listener) {
    if (failure != null) {
      report(listener);
      timer.cancel();
      on = false;
      reported = false;
      failure = null;
      next = FIRST;
    }
  }
}
