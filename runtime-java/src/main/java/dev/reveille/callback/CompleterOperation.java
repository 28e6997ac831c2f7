package dev.reveille.callback;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.lang.System.Logger;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@link Completer#pollable}: the side that waits. */
final class CompleterOperation<T extends @Nullable Object> extends Operation<T> {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callback");

  /** Null once it was called. */
  private @Nullable Initiator<T> initiator;

  private @Nullable Completer<T> completer;
  private final @Nullable Consumer<? super T> onLateValue;

  /** Set in the first poll, where late values matter. */
  private @Nullable LateValues lateValues;

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
      lateValues = LateValues.of(cx.dispatcher());
    }
    try {
      i.start(c);
    } catch (Throwable t) {
      if (!c.fail(t)) {
        // The callback came first, and wins. What the initiator says after that still is news.
        LOGGER.log(
            Logger.Level.WARNING, "'" + name() + "' was completed, and its initiator threw", t);
        if (t instanceof InterruptedException) {
          Thread.currentThread().interrupt(); // the loop takes note of it
        }
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
    assert outcome == null : outcome;
    throw new CancellationException("'" + name() + "' was given up by its own initiator");
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
            : new Completer.Abandoned(value -> disposeElsewhere((Consumer<Object>) late, value));
    if (c.abandon(how) instanceof Completer.Value<?> value && late != null) {
      dispose((Consumer<Object>) late, value.value()); // it came, and nobody polled for it any more
    }
  }

  /** On whatever thread the late value comes. The callback is not to hear of our trouble. */
  private void disposeElsewhere(Consumer<Object> late, Object value) {
    try {
      dispose(late, value);
    } catch (Throwable t) {
      LOGGER.log(Logger.Level.ERROR, "a late value of '" + name() + "' was not disposed of", t);
    }
  }

  private void dispose(Consumer<Object> late, @Nullable Object value) {
    LateValues values = lateValues;
    if (value != null && values != null) {
      values.dispose(name(), late, value);
    }
  }
}
