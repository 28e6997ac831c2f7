package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/** {@link Pollables#map}. */
final class Mapped<A extends @Nullable Object, T extends @Nullable Object> extends Chain<T> {
  private final ThrowingFunction<? super A, ? extends T> function;

  Mapped(
      String name, Pollable<? extends A> child, ThrowingFunction<? super A, ? extends T> function) {
    super(name, requireNonNull(child, "pollable"));
    this.function = requireNonNull(function, "function");
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    Poll<A> poll = this.<A>pollCurrent(cx);
    return poll.isPending() ? Poll.pending() : Poll.ready(function.apply(poll.value()));
  }
}
