package dev.reveille.samples.resp.journal;

import java.lang.System.Logger.Level;
import java.nio.channels.CompletionHandler;
import org.jspecify.annotations.Nullable;

/** A handler that is owed a call, with its attachment. */
final class Pending<V, A extends @Nullable Object> {
  private static final System.Logger LOGGER = System.getLogger(Pending.class.getName());

  private final A attachment;
  private final CompletionHandler<V, ? super A> handler;

  Pending(A attachment, CompletionHandler<V, ? super A> handler) {
    this.attachment = attachment;
    this.handler = handler;
  }

  void completed(V result) {
    try {
      handler.completed(result, attachment);
    } catch (RuntimeException | Error thrown) {
      log(thrown);
    }
  }

  void failed(Throwable cause) {
    try {
      handler.failed(cause, attachment);
    } catch (RuntimeException | Error thrown) {
      log(thrown);
    }
  }

  /** A handler that throws must not stop the others from being called. */
  private static void log(Throwable thrown) {
    LOGGER.log(Level.ERROR, "a completion handler threw", thrown);
  }
}
