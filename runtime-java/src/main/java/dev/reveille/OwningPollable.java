package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A body and the pollables that it polls: {@link Pollable#owning}. */
final class OwningPollable<T extends @Nullable Object> implements Pollable<T> {
  private final List<Pollable<?>> children;
  private final Pollable<T> body;

  OwningPollable(List<? extends Pollable<?>> children, Pollable<T> body) {
    this.children = List.copyOf(requireNonNull(children, "children"));
    this.body = requireNonNull(body, "body");
  }

  @Override
  public Poll<T> poll(Context cx) throws Exception {
    return body.poll(cx);
  }

  @Override
  public void cancel() {
    RuntimeException failure = cancelQuietly(body, null);
    for (Pollable<?> child : children) {
      failure = cancelQuietly(child, failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Every child is cancelled, whatever an earlier one threw. */
  private static @Nullable RuntimeException cancelQuietly(
      Pollable<?> pollable, @Nullable RuntimeException earlier) {
    try {
      pollable.cancel();
    } catch (RuntimeException e) {
      if (earlier == null) {
        return e;
      }
      earlier.addSuppressed(e);
    }
    return earlier;
  }

  @Override
  public String toString() {
    return body.toString();
  }
}
