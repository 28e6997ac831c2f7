package dev.reveille.sync;

import java.lang.System.Logger;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes values that nobody can receive any more to the handler of their channel. Not locked. */
final class Undelivered {
  private static final Logger LOGGER = System.getLogger("dev.reveille.sync");

  private Undelivered() {}

  /** Each value reaches the handler; the first failure is thrown, with the later ones in it. */
  static <T> void dispose(List<T> values, @Nullable Consumer<? super T> handler, String channel) {
    if (handler == null) {
      LOGGER.log(
          Logger.Level.WARNING,
          "{0} lost {1} value(s): the last receiver was closed before they were received;"
              + " Channel.onUndelivered() says what to do with them",
          channel,
          values.size());
      return;
    }
    Throwable failure = null;
    for (T value : values) {
      try {
        handler.accept(value);
      } catch (RuntimeException | Error e) {
        if (failure == null) {
          failure = e;
        } else if (failure != e) {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }
}
