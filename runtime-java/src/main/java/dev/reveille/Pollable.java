package dev.reveille;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Anything that can be polled to completion: a {@link Task}, an operation such as {@code
 * stream.read(buffer)}, a combinator, or a lambda.
 *
 * <p><b>Threading.</b> Both methods are called on the loop only, by the one who owns this pollable:
 * a dispatcher, or the pollable above it. A pollable has one owner.
 *
 * <p><b>Memory effects.</b> Everything written before {@link Waker#wake} happens-before the poll
 * that follows it; polls of one posting happen one after another, also when the dispatcher changes
 * its driver thread in between.
 *
 * <p>A lambda will do for a leaf that holds no resource. A body that polls other pollables passes
 * cancellation on to them: {@link #owning}.
 *
 * <p>A leaf that waits for something to come into a queue:
 *
 * <pre>{@code
 * Pollable<String> nextOrder =
 *     cx -> {
 *       String order = orders.poll();
 *       if (order == null) {
 *         arrived.register(cx, "an order"); // whoever adds one calls arrived.wake()
 *         order = orders.poll(); // it may have come in between
 *       }
 *       return order == null ? Poll.pending() : Poll.ready(order);
 *     };
 * JoinHandle<String> first = dispatcher.spawn("first order", nextOrder);
 * }</pre>
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface Pollable<T extends @Nullable Object> {

  /**
   * Makes as much progress as it can without blocking.
   *
   * <p>Returns Pending only <em>after</em> it has arranged a wake, that is, after it (or the child
   * that holds it up) has asked this {@code cx} for a {@linkplain Context#waker waker} in this call
   * and left it with the one who will know better. Polling again while pending is always safe and
   * registers nothing twice. A one-shot operation that was ready, or threw, must not be polled
   * again: it throws {@link IllegalStateException} by name.
   *
   * @param cx the context of this poll; not to be kept after it
   * @return ready with the result, or pending
   * @throws Exception the failure of the operation; it has ended by that
   */
  Poll<T> poll(Context cx) throws Exception;

  /**
   * The owner gives this operation up: releases what an unfinished operation holds (unlinks its
   * waker, disarms its timer, passes on a grant that it had received). Idempotent; does nothing
   * when the operation has finished. On the loop only. After it the pollable is not polled again.
   *
   * <p>The default does nothing, which is right for a leaf without resources.
   */
  default void cancel() {}

  /**
   * A body that polls {@code children}: cancelling it cancels the body first and then each child,
   * in order.
   *
   * <pre>{@code
   * Pollable<String> line = lines.next();
   * Pollable<Integer> length =
   *     Pollable.owning(List.of(line), cx -> line.poll(cx).map(String::length));
   * }</pre>
   *
   * @param <T> the type of the result
   * @param children what the body polls
   * @param body the body
   * @return a pollable that polls the body and forwards cancellation
   */
  static <T extends @Nullable Object> Pollable<T> owning(
      List<? extends Pollable<?>> children, Pollable<T> body) {
    return new OwningPollable<>(children, body);
  }
}
