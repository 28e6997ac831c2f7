package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.WakerSlot;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a legacy sink takes more, and the wait for it: made by {@link Callbacks#readiness}. The
 * sink has a question, {@code isReady()}, and a callback for the moment at which the answer may
 * have become yes; its callback may come without reason, and is only a cause to ask again.
 *
 * <pre>{@code
 * Readiness ready = Callbacks.readiness("writable", sink::isReady, sink::setOnReadyHandler);
 * dispatcher.spawn(
 *     "writer",
 *     cx -> {
 *       while (!chunks.isEmpty()) {
 *         if (ready.pollReady(cx).isPending()) {
 *           return Poll.pending();
 *         }
 *         sink.write(chunks.remove());
 *       }
 *       return Poll.ready();
 *     });
 * }</pre>
 *
 * <p><b>Threading.</b> {@link #pollReady} and the operations of {@link #ready} on the loop, one
 * task at a time; {@link #fail} and the sink's callback from any thread: they wake, and run no user
 * code. <b>Memory effects.</b> Actions before the callback happen-before the question that follows
 * it.
 */
public final class Readiness {
  private final String name;
  private final BooleanSupplier isReady;
  private final WakerSlot waiter = new WakerSlot();

  /** Set once by any thread, before the wake; read by the loop, after it has registered. */
  private volatile @Nullable Throwable failure;

  /** The operation that registered last, null for none. On the loop. */
  private @Nullable Object registered;

  Readiness(String name, BooleanSupplier isReady) {
    this.name = requireNonNull(name, "name");
    this.isReady = requireNonNull(isReady, "isReady");
  }

  /**
   * Whether the sink takes more; may be called again and again.
   *
   * <p>Ready if it says so now, within the budget of the poll. Pending if not; the sink's callback
   * wakes, and so does {@link #fail}.
   *
   * @param cx the context of this poll
   * @return ready, or pending
   * @throws Exception what {@link #fail} was given, or what the question throws
   */
  public Poll<Complete> pollReady(Context cx) throws Exception {
    return pollFor(null, cx);
  }

  private Poll<Complete> pollFor(@Nullable Object operation, Context cx) throws Exception {
    if (!isReady()) {
      registered = operation;
      waiter.register(cx, name);
      if (!isReady()) { // asked again: it may have called back in between
        return Poll.pending();
      }
    }
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  private boolean isReady() throws Exception {
    Throwable cause = failure;
    if (cause instanceof Exception exception) {
      throw exception;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause != null) {
      throw new IllegalStateException("'" + name + "' failed with a bare Throwable", cause);
    }
    return isReady.getAsBoolean();
  }

  /**
   * {@link #pollReady} as a one-shot operation: ready, pending and woken as that, and it throws the
   * same. {@code cancel()} stops waiting.
   *
   * @return a new operation
   */
  public Pollable<Complete> ready() {
    return new Operation<>(name) {
      @Override
      protected Poll<Complete> doPoll(Context cx) throws Exception {
        return pollFor(this, cx);
      }

      @Override
      protected void doCancel() {
        if (registered == this) { // else another one has taken its place
          registered = null;
          waiter.clear();
        }
      }
    };
  }

  /**
   * Says that the sink will not be ready any more, because it has failed or was closed. The first
   * cause counts.
   *
   * @param cause what polls throw from now on
   */
  public void fail(Throwable cause) {
    requireNonNull(cause, "cause");
    synchronized (waiter) {
      if (failure == null) {
        failure = cause;
      }
    }
    waiter.wake();
  }

  /** The callback. */
  void wake() {
    waiter.wake();
  }

  @Override
  public String toString() {
    return "Readiness['" + name + "']";
  }
}
