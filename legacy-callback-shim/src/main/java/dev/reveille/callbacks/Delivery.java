package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An element for whose consumption the legacy side waits: it gets a stage, or has given a demander.
 * See {@link Callbacks#deliveries}.
 *
 * <pre>{@code
 * PollStream<Delivery<ByteBuffer>> messages =
 *     Callbacks.deliveries(
 *         "messages",
 *         Overflow.unbounded(),
 *         emitter -> {
 *           socket.onMessage(buffer -> Callbacks.nextAwaiting(emitter, buffer));
 *           return socket::close;
 *         });
 * Pollable<Complete> saved =
 *     messages.forEach(
 *         message -> {
 *           save(message.value());
 *           message.acknowledge(); // from here on the socket may use the buffer again
 *         });
 * }</pre>
 *
 * <p>It is settled once: {@linkplain #acknowledge acknowledged}, or {@linkplain #refuse refused},
 * as it is if it is dropped or left in the buffer of a stream that was cancelled. One that is never
 * settled is never asked for again: the legacy side goes on waiting.
 *
 * <p><b>Threading.</b> Any thread; what depends on the stage, or the demander, runs in the thread
 * that settles. <b>Memory effects.</b> Actions before settling happen-before what the legacy side
 * does because of it.
 *
 * @param <T> the type of the value
 */
public final class Delivery<T> {
  private final T value;

  /** What asks for the next one; null if there is a stage instead. */
  private final @Nullable Runnable demander;

  /** Of which the legacy side has a stage; null if there is a demander. */
  private final @Nullable CompletableFuture<@Nullable Void> stage;

  private final AtomicBoolean settled = new AtomicBoolean();

  Delivery(T value, @Nullable Runnable demander) {
    this.value = requireNonNull(value, "element");
    this.demander = demander;
    this.stage = demander == null ? new CompletableFuture<>() : null;
  }

  /**
   * The element.
   *
   * @return the value; it may belong to the legacy side again once this is settled
   */
  public T value() {
    return value;
  }

  /**
   * Says that the element was consumed: completes the legacy side's stage, or runs its demander.
   * Does nothing if this is settled. {@code stream.map(Delivery::acknowledge)} acknowledges each
   * element as it is taken.
   *
   * @return the element
   */
  public T acknowledge() {
    if (settled.compareAndSet(false, true)) {
      if (demander != null) {
        demander.run(); // what it throws goes to the one who acknowledges
      } else if (stage != null) {
        stage.complete(null);
      }
    }
    return value;
  }

  /**
   * Says that the element will not be consumed: fails the legacy side's stage; a demander is not
   * run. Does nothing if this is settled.
   *
   * @param cause why
   */
  public void refuse(Throwable cause) {
    requireNonNull(cause, "cause");
    if (settled.compareAndSet(false, true) && stage != null) {
      stage.completeExceptionally(cause);
    }
  }

  /**
   * Whether it was acknowledged or refused.
   *
   * @return true if nothing can be said any more
   */
  public boolean isSettled() {
    return settled.get();
  }

  CompletionStage<@Nullable Void> stage() {
    return requireNonNull(stage).minimalCompletionStage();
  }

  @Override
  public String toString() {
    return "Delivery[" + (isSettled() ? "settled]" : "open]");
  }
}
