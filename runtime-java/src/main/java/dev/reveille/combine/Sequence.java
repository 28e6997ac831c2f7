package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/** {@link Pollables#then}. */
final class Sequence<A extends @Nullable Object, T extends @Nullable Object> extends Chain<T> {
  /** Null once it was called: the second is current. */
  private @Nullable ThrowingFunction<? super A, ? extends Pollable<? extends T>> next;

  Sequence(
      Pollable<? extends A> first,
      ThrowingFunction<? super A, ? extends Pollable<? extends T>> next) {
    super("then", requireNonNull(first, "first"));
    this.next = requireNonNull(next, "next");
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    ThrowingFunction<? super A, ? extends Pollable<? extends T>> n = next;
    if (n != null) {
      Poll<A> poll = this.<A>pollCurrent(cx);
      if (poll.isPending()) {
        return Poll.pending();
      }
      next = null;
      begin(requireNonNull(n.apply(poll.value()), "the function of then returned null"));
    }
    return this.<T>pollCurrent(cx);
  }
}
