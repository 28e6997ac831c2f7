package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/** {@link Pollables#withCleanup}. */
final class Cleanup<T extends @Nullable Object> extends Chain<T> {
  private final Runnable action;

  Cleanup(Pollable<? extends T> body, Runnable action) {
    super("body", requireNonNull(body, "body"));
    this.action = requireNonNull(action, "action");
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    Poll<T> poll;
    try {
      poll = this.<T>pollCurrent(cx);
    } catch (Throwable t) {
      cleanUp(t);
      throw t;
    }
    if (poll.isReady()) {
      Abandon.raise(cleanUp(null));
    }
    return poll;
  }

  @Override
  protected void doCancel() {
    Abandon.raise(cleanUp(cancelCurrent(null)));
  }

  private @Nullable Throwable cleanUp(@Nullable Throwable earlier) {
    try {
      action.run();
    } catch (Throwable t) {
      return earlier == null ? t : Abandon.suppress(earlier, t);
    }
    return earlier;
  }
}
