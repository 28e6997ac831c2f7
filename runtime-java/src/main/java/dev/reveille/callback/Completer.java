package dev.reveille.callback;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The side of a single-shot operation that a callback holds: it is completed once, by whoever comes
 * first.
 *
 * <p><b>Threading.</b> All methods may be called by any thread. Completing stores the result and
 * wakes the waiting task; it runs no user code and never blocks, so it may be done under a lock, on
 * an I/O thread, or before the initiating call has returned. Only a value that comes when nobody
 * waits any more <em>and</em> the dispatcher is closed is disposed of by the completing thread:
 * there is no loop left to do it. <b>Memory effects.</b> Actions before a completion happen-before
 * the poll that returns the result, or the disposal of the value.
 *
 * <p>One word holds all of it: nothing, then the waker of the one who waits, then the outcome; or
 * {@link Abandoned} when the one who waits gave up. Each step is a CAS, so there is one outcome,
 * and whoever set it has found out whom to wake.
 *
 * <p>A callback API that can fail and can be aborted, as a pollable:
 *
 * <pre>{@code
 * return Completer.pollable(
 *     "connect",
 *     completer -> {
 *       Client.Request request =
 *           client.connect( // calls back on a thread of its own
 *               (session, error) -> {
 *                 if (error == null) {
 *                   completer.complete(session);
 *                 } else {
 *                   completer.fail(error);
 *                 }
 *               });
 *       completer.onCancel(request::abort); // when the one who waits gives up
 *     },
 *     Session::close); // and if the session comes all the same
 * }</pre>
 *
 * @param <T> the type of the result
 */
public final class Completer<T extends @Nullable Object> {
  private static final VarHandle STATE =
      fieldVarHandle(
          MethodHandles.lookup(), "state", VarHandle.class, Completer.class, Object.class);
  private static final VarHandle ON_CANCEL =
      fieldVarHandle(
          MethodHandles.lookup(), "onCancel", VarHandle.class, Completer.class, Runnable.class);

  /** The outcome with a value. A class of its own: a value may be anything, a waker too. */
  record Value<T extends @Nullable Object>(T value) {}

  /** The outcome with a failure; the cause is null if the legacy side said "cancelled". */
  record Failure(@Nullable Throwable cause) {}

  /** Nobody waits any more. Where late values go, if anywhere. */
  record Abandoned(@Nullable Consumer<Object> lateValues) {
    static final Abandoned SILENTLY = new Abandoned(null);
  }

  /** CAS (volatile) by completions, by the one who waits, and by the one who gives up. */
  private volatile @Nullable Object state;

  /** getAndSet (volatile): whoever takes the action out runs it, so it runs once. */
  @SuppressWarnings("unused") // by way of ON_CANCEL
  private volatile @Nullable Runnable onCancel;

  Completer() {}

  /**
   * A pollable that begins an operation in its first poll and waits for its completer.
   *
   * <p>Ready with the value once {@link #complete} was called. Pending until then; the completion
   * wakes. Throws what {@link #fail} was given or the initiator threw, or {@link
   * java.util.concurrent.CancellationException} after {@link #cancelled}. {@code cancel()} gives up
   * at once: {@link #onCancel}'s action runs, and a value that comes later, or that came and was
   * not polled for yet, goes to {@code onLateValue}. {@code cancel()} before the first poll means
   * that the operation never begins.
   *
   * @param <T> the type of the result
   * @param name what is waited for; dumps and messages show it
   * @param initiator begins the operation
   * @param onLateValue disposes of a value that nobody waits for any more, once for each; not
   *     called with null, of which there is nothing to dispose; runs on the loop, also while it
   *     drains; if the dispatcher is closed, on the thread that closed it or that completes. What
   *     it throws goes to the uncaught handler or, from the thread that completes, to the log. No
   *     disposer drops such values
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(
      String name, Initiator<T> initiator, @Nullable Consumer<? super T> onLateValue) {
    return new CompleterOperation<>(
        requireNonNull(name, "name"), requireNonNull(initiator, "initiator"), onLateValue);
  }

  /**
   * Completes the operation with a value.
   *
   * @param value the value
   * @return false if it was too late: completed before, or given up; then the value is not used,
   *     but by the disposer of late values if it was given up
   */
  public boolean complete(T value) {
    if (end(new Value<>(value))) {
      return true;
    }
    if (state instanceof Abandoned abandoned && abandoned.lateValues != null && value != null) {
      abandoned.lateValues.accept(value);
    }
    return false;
  }

  /**
   * Completes the operation with a failure.
   *
   * @param cause what the poll will throw
   * @return false if it was too late: completed before, or given up
   */
  public boolean fail(Throwable cause) {
    return end(new Failure(requireNonNull(cause, "cause")));
  }

  /**
   * Completes the operation with the legacy side's word that it was cancelled there.
   *
   * @return false if it was too late: completed before, or given up
   */
  public boolean cancelled() {
    return end(new Failure(null));
  }

  /**
   * Sets what to do when the one who waits gives up: cancel the legacy operation, close what it
   * holds. Runs once, on the loop that gives up; or at once, here, if that was before. Never runs
   * after a completion. The last action set counts.
   *
   * @param action what to do; what it throws goes to the one who cancels, or to the caller of this
   *     method if it runs here
   */
  public void onCancel(Runnable action) {
    ON_CANCEL.setVolatile(this, requireNonNull(action, "action"));
    // Set, then looked: the one who ends it sets the state, then looks for the action.
    Object s = state;
    if (s instanceof Abandoned) {
      runOnCancel();
    } else if (isOutcome(s)) {
      ON_CANCEL.setVolatile(this, (Runnable) null);
    }
  }

  /**
   * Whether the one who waits has given up.
   *
   * @return true if a completion would be too late for that reason
   */
  public boolean isCancelled() {
    return state instanceof Abandoned;
  }

  // ------------------------------------------------------------------ for the one who waits

  /** The outcome, or null. */
  @Nullable Object outcome() {
    Object s = state;
    return isOutcome(s) ? s : null;
  }

  private static boolean isOutcome(@Nullable Object s) {
    return s instanceof Value || s instanceof Failure;
  }

  /** Registers the waker. Returns false if the outcome is there, or the wait was given up. */
  boolean await(Waker waker) {
    for (; ; ) {
      Object s = state;
      if (s == waker) {
        return true;
      }
      if (s != null && !(s instanceof Waker)) {
        return false;
      }
      if (STATE.compareAndSet(this, s, waker)) {
        return true;
      }
    }
  }

  /** Gives up, unless the outcome is there, which is returned then. */
  @Nullable Object abandon(Abandoned how) {
    for (; ; ) {
      Object s = state;
      if (s != null && !(s instanceof Waker)) {
        return outcome();
      }
      if (STATE.compareAndSet(this, s, how)) {
        runOnCancel();
        return null;
      }
    }
  }

  private boolean end(Object outcome) {
    for (; ; ) {
      Object s = state;
      if (s != null && !(s instanceof Waker)) {
        return false;
      }
      if (STATE.compareAndSet(this, s, outcome)) {
        ON_CANCEL.setVolatile(this, (Runnable) null); // not needed any more; it may hold a lot
        if (s instanceof Waker waker) {
          waker.wake();
        }
        return true;
      }
    }
  }

  private void runOnCancel() {
    Runnable action = (Runnable) ON_CANCEL.getAndSet(this, null);
    if (action != null) {
      action.run();
    }
  }

  @Override
  public String toString() {
    Object s = state;
    return "Completer["
        + (s instanceof Value
            ? "completed"
            : s instanceof Failure ? "failed" : s instanceof Abandoned ? "given up" : "open")
        + "]";
  }
}
