package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Names;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A call through a {@link BlockingPortal}, on the loop. */
final class PortalCall<T extends @Nullable Object> extends Operation<T> {
  /** Null once it was called. */
  private @Nullable Callable<? extends Pollable<? extends T>> source;

  private @Nullable Pollable<? extends T> current;

  /** Plain: written on the loop, read by the caller after the task has ended. */
  private boolean begun;

  private PortalCall(Object called, Callable<? extends Pollable<? extends T>> source) {
    super("portal call of '" + Names.of(called) + "'");
    this.source = source;
  }

  static <T extends @Nullable Object> PortalCall<T> ofPollable(
      Callable<? extends Pollable<? extends T>> source) {
    return new PortalCall<>(requireNonNull(source, "source"), source);
  }

  static <T extends @Nullable Object> PortalCall<T> of(Callable<? extends T> callable) {
    requireNonNull(callable, "callable");
    return new PortalCall<>(
        callable,
        () ->
            cx -> {
              T result = callable.call();
              return Poll.ready(result);
            });
  }

  /** Whether user code was called. By the one who waited for its end. */
  boolean hasBegun() {
    return begun;
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    Pollable<? extends T> p = current;
    if (p == null) {
      begun = true;
      Callable<? extends Pollable<? extends T>> s = source;
      source = null;
      assert s != null;
      p = s.call();
      if (p == null) { // by code that is not null-checked
        throw new NullPointerException("the source of " + name() + " returned null");
      }
      current = p;
    }
    return poll(cx, p);
  }

  private static <A extends T, T extends @Nullable Object> Poll<T> poll(
      Context cx, Pollable<A> pollable) throws Exception {
    Poll<A> poll = cx.pollChild(pollable);
    return poll.isReady() ? Poll.ready(poll.value()) : Poll.pending();
  }

  @Override
  protected void doCancel() {
    if (current != null) {
      current.cancel();
    }
  }
}
