package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/** {@link Pollables#recover}. */
final class Recovery<X extends Throwable, T extends @Nullable Object> extends Chain<T> {
  private final Class<X> type;

  /** Null once it was called: the replacement is current, and its failures are final. */
  private @Nullable ThrowingFunction<? super X, ? extends Pollable<? extends T>> replacement;

  Recovery(
      Pollable<? extends T> first,
      Class<X> type,
      ThrowingFunction<? super X, ? extends Pollable<? extends T>> replacement) {
    super("recover", requireNonNull(first, "pollable"));
    this.type = requireNonNull(type, "type");
    this.replacement = requireNonNull(replacement, "function");
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    ThrowingFunction<? super X, ? extends Pollable<? extends T>> r = replacement;
    if (r != null) {
      try {
        return this.<T>pollCurrent(cx);
      } catch (Throwable t) {
        if (!type.isInstance(t)) {
          throw t;
        }
        replacement = null;
        begin(replace(r, type.cast(t)));
      }
    }
    return this.<T>pollCurrent(cx);
  }

  private static <X extends Throwable, T extends @Nullable Object> Pollable<? extends T> replace(
      ThrowingFunction<? super X, ? extends Pollable<? extends T>> function, X failure)
      throws Exception {
    Pollable<? extends T> made;
    try {
      made = function.apply(failure);
    } catch (Throwable second) {
      // The same one thrown on is no second failure; another one must not hide what it answers.
      Abandon.suppress(second, failure);
      throw second;
    }
    return requireNonNull(made, "the function of recover returned null");
  }
}
