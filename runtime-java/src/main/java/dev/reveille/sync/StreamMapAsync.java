package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.ArrayDeque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@link PollStream#mapAsync(int, Function)}: a queue of operations in the order of their elements,
 * all of them polled, only the first of them given. A failure takes its place in the order, and
 * nothing new is begun behind it.
 */
final class StreamMapAsync<S, T> extends StreamOperator<S, T> {
  private final int parallelism;
  private final Function<? super S, ? extends Pollable<? extends T>> function;
  private final ArrayDeque<Slot<T>> slots = new ArrayDeque<>();

  /** No more elements are taken: upstream has ended, or there is a failure among the slots. */
  private boolean closed;

  StreamMapAsync(
      PollStream<S> upstream,
      int parallelism,
      Function<? super S, ? extends Pollable<? extends T>> function) {
    super("mapAsync", upstream);
    if (parallelism < 1) {
      throw new IllegalArgumentException(
          "mapAsync: the parallelism must be at least 1: " + parallelism);
    }
    this.parallelism = parallelism;
    this.function = requireNonNull(function, "function");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    boolean more = true;
    while (more && !closed && slots.size() < parallelism) {
      more = begin(cx) && cx.tryProceed();
    }
    for (Slot<T> slot : slots) {
      if (slot.poll(cx).isReady() && slot.failure != null) {
        closed = true;
      }
    }
    Slot<T> first = slots.peek();
    if (first == null) {
      if (closed) {
        return end();
      }
      return Poll.pending();
    }
    if (!first.isDone()) {
      return Poll.pending();
    }
    slots.remove();
    return first.outcome();
  }

  /** Takes one more element; returns false if there is none now. */
  private boolean begin(Context cx) {
    try {
      Poll<@Nullable S> poll = pollUpstreamAsChild(cx);
      if (poll.isPending()) {
        return false;
      }
      S element = poll.value();
      if (element == null) {
        closed = true;
      } else {
        slots.add(new Slot<>(notNull("mapAsync", function.apply(element))));
      }
    } catch (Exception e) {
      closed = true;
      slots.add(new Slot<>(e));
    }
    return true;
  }

  @Override
  protected void release() {
    try {
      CancelAll.of(slots);
    } finally {
      super.release();
    }
  }

  private static final class Slot<T> implements Pollable<Complete> {
    private @Nullable Pollable<? extends T> operation;
    private @Nullable T result;
    @Nullable Exception failure;

    Slot(Pollable<? extends T> operation) {
      this.operation = operation;
    }

    Slot(Exception failure) {
      this.failure = failure;
    }

    boolean isDone() {
      return operation == null;
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      Pollable<? extends T> o = operation;
      if (o == null) {
        return Poll.ready();
      }
      try {
        Poll<? extends T> poll = cx.pollChild(o);
        if (poll.isPending()) {
          return Poll.pending();
        }
        operation = null;
        result = notNull("mapAsync (its operation)", poll.value());
      } catch (Exception e) { // not swallowed: thrown when its turn comes
        operation = null;
        failure = e;
      }
      return Poll.ready();
    }

    Poll<@Nullable T> outcome() throws Exception {
      if (failure != null) {
        throw failure;
      }
      T r = result;
      assert r != null;
      return element(r);
    }

    @Override
    public void cancel() {
      Pollable<? extends T> o = operation;
      operation = null;
      if (o != null) {
        o.cancel();
      }
    }
  }
}
