package dev.reveille.callback;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.lang.System.Logger;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@link Completer#pollable}: the side that waits. */
final class CompleterOperation<T extends @Nullable Object> extends Operation<T> {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callback");

  /** Null once it was called. */
  private @Nullable Initiator<T> initiator;

  private @Nullable Completer<T> completer;
  private final @Nullable Consumer<? super T> onLateValue;

  /** Only set where late values matter. */
  private @Nullable Dispatcher dispatcher;

  CompleterOperation(
      String name, Initiator<T> initiator, @Nullable Consumer<? super T> onLateValue) {
    super(name);
    this.initiator = initiator;
    this.onLateValue = onLateValue;
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    Completer<T> c = completer;
    if (c == null) {
      c = start(cx);
    }
    Object outcome = c.outcome();
    if (outcome == null && c.await(cx.waker(name()))) {
      return Poll.pending();
    }
    return result(outcome == null ? c.outcome() : outcome);
  }

  private Completer<T> start(Context cx) {
    Completer<T> c = new Completer<>();
    completer = c;
    Initiator<T> i = initiator;
    initiator = null;
    assert i != null;
    if (onLateValue != null) {
      dispatcher = cx.dispatcher();
    }
    try {
      i.start(c);
    } catch (Throwable t) {
      if (!c.fail(t)) {
        // The callback came first, and wins. What the initiator says after that still is news.
        LOGGER.log(
            Logger.Level.WARNING, "'" + name() + "' was completed, and its initiator threw", t);
      }
    }
    return c;
  }

  @SuppressWarnings("unchecked") // the only Value that gets here is the completer's
  private Poll<T> result(@Nullable Object outcome) throws Exception {
    if (outcome instanceof Completer.Value<?> value) {
      return Poll.ready((T) value.value());
    }
    if (outcome instanceof Completer.Failure failure) {
      Throwable cause = failure.cause();
      if (cause == null) {
        throw new CancellationException("'" + name() + "' was cancelled by the legacy side");
      }
      if (cause instanceof Exception exception) {
        throw exception;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("'" + name() + "' failed with a bare Throwable", cause);
    }
    throw new AssertionError("no outcome: " + outcome);
  }

  @Override
  @SuppressWarnings("unchecked") // values that reach the disposer are the completer's
  protected void doCancel() {
    Completer<T> c = completer;
    if (c == null) {
      return; // never begun
    }
    Consumer<? super T> late = onLateValue;
    Completer.Abandoned how =
        late == null
            ? Completer.Abandoned.SILENTLY
            : new Completer.Abandoned(value -> dispose((Consumer<Object>) late, value));
    if (c.abandon(how) instanceof Completer.Value<?> value && late != null) {
      dispose((Consumer<Object>) late, value.value()); // it came, and nobody polled for it any more
    }
  }

  /** On whatever thread the late value comes: user code runs on the loop, if there is one. */
  private void dispose(Consumer<Object> late, @Nullable Object value) {
    Dispatcher d = dispatcher;
    if (value == null || d == null) {
      return;
    }
    try {
      d.post(() -> late.accept(value));
    } catch (RejectedExecutionException e) {
      late.accept(value); // nobody runs the loop any more; the value is to be closed all the same
    }
  }
}
