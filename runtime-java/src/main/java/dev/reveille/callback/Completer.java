package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * The side of a single-shot operation that a callback holds: it is completed once, by whoever comes
 * first.
 *
 * <p><b>Threading.</b> All methods may be called by any thread. Completing stores the result and
 * wakes the waiting task; it runs no user code and never blocks, so it may be done under a lock, on
 * an I/O thread, nested in other callbacks, or before the initiating call has returned. Only a
 * value that comes when nobody waits any more <em>and</em> the dispatcher is closed is disposed of
 * by the completing thread: there is no loop left to do it. <b>Memory effects.</b> Actions before a
 * completion happen-before the poll that returns the result, or the disposal of the value.
 *
 * <p><b>Misuse.</b> The first completion counts. One that comes after it is refused by {@code
 * false}, and is reported by the name of the call; {@link MisusePolicy} says how. One that comes
 * after the one who waited has given up is <em>late</em>, which is no misuse; a second late one is.
 * When nobody holds the completer any more, so that it can never be completed, the one who waits
 * gets a {@link LostCallbackException}. For that the legacy side must be the only one to hold it:
 * the operation does not, but it does hold the action of {@link #onCancel} and what that refers to.
 *
 * <p>A callback API that can fail and can be aborted, as a pollable:
 *
 * <pre>{@code
 * return Completer.pollable(
 *     "connect",
 *     CallOptions.<Session>defaults().closeLateValues(), // a session that comes too late
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
 *     });
 * }</pre>
 *
 * @param <T> the type of the result
 */
public final class Completer<T extends @Nullable Object> {
  /** Final, and made here: a completer may be handed to a thread without any synchronization. */
  private final CompleterOperation<T> operation;

  @SuppressWarnings("this-escape") // the operation only keeps it, until it begins
  private Completer(String name, CallOptions<? super T> options, Initiator<T> initiator) {
    operation = new CompleterOperation<>(this, name, options, initiator);
  }

  /**
   * A pollable that begins an operation in its first poll and waits for its completer.
   *
   * <p>Ready with the value once {@link #complete} was called. Pending until then; the completion
   * wakes. Throws what {@link #fail} was given or the initiator threw; {@link
   * java.util.concurrent.CancellationException} after {@link #cancelled}; {@link
   * LostCallbackException} when the completer became garbage. {@code cancel()} gives up at once:
   * {@link #onCancel}'s action runs, and a value that comes later, or that came and was not polled
   * for yet, is dropped. {@code cancel()} before the first poll means that the operation never
   * begins.
   *
   * @param <T> the type of the result
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param initiator begins the operation
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(
      String name, Initiator<T> initiator) {
    return pollable(name, CallOptions.<T>defaults(), initiator);
  }

  /**
   * {@link #pollable(String, Initiator)} with options: what becomes of late values, what giving up
   * means, a time-out, and how misuse is met.
   *
   * @param <T> the type of the result
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param options the options
   * @param initiator begins the operation
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(
      String name, CallOptions<? super T> options, Initiator<T> initiator) {
    return new Completer<>(
            requireNonNull(name, "name"),
            requireNonNull(options, "options"),
            requireNonNull(initiator, "initiator"))
        .operation;
  }

  /**
   * Completes the operation with a value.
   *
   * @param value the value
   * @return false if it was too late: completed before, or given up; then the value is not used,
   *     but by the disposer of late values if it was given up
   * @throws IllegalStateException if it was completed before, and the policy is {@link
   *     MisusePolicy#THROW}
   */
  public boolean complete(T value) {
    return end(Poll.ready(value));
  }

  /**
   * Completes the operation with a failure.
   *
   * @param cause what the poll will throw
   * @return false if it was too late: completed before, or given up
   * @throws IllegalStateException if it was completed before, and the policy is {@link
   *     MisusePolicy#THROW}
   */
  public boolean fail(Throwable cause) {
    return end(new CallOutcome.Failed(requireNonNull(cause, "cause")));
  }

  /**
   * Completes the operation with the legacy side's word that it was cancelled there.
   *
   * @return false if it was too late: completed before, or given up
   * @throws IllegalStateException if it was completed before, and the policy is {@link
   *     MisusePolicy#THROW}
   */
  public boolean cancelled() {
    return end(CallOutcome.Failed.BY_CANCEL);
  }

  private boolean end(Object outcome) {
    try {
      return operation.end(outcome);
    } finally {
      Reference.reachabilityFence(this); // it is not lost while it completes
    }
  }

  /**
   * Sets what to do when the one who waits gives up: cancel the legacy operation, close what it
   * holds. Runs once, on the loop that gives up; or at once, here, if that was before. Never runs
   * after a completion; with {@link CancelMode#AWAIT_CALLBACK}, where giving up leaves the last
   * word to the legacy side, it may run while a completion comes. The last action set counts.
   *
   * @param action what to do; what it throws goes to the one who cancels, or to the caller of this
   *     method if it runs here; in a time-out or a stop it goes to the one who waits
   */
  public void onCancel(Runnable action) {
    operation.onCancel(requireNonNull(action, "action"));
  }

  /**
   * Whether the one who waits has given up, or asks the legacy side to.
   *
   * @return true if a value would not be waited for any more
   */
  public boolean isCancelled() {
    return operation.isCancelled();
  }

  /**
   * The name.
   *
   * @return what is waited for
   */
  public String name() {
    return operation.name;
  }

  @Override
  public String toString() {
    return "Completer['" + operation.name + "' " + operation.progress() + "]";
  }
}
