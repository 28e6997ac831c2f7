package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#fold} and what is made of it. */
final class StreamFold<T, R extends @Nullable Object> extends StreamTerminal<T, R> {
  private final BiFunction<? super R, ? super T, ? extends R> function;
  private R accumulated;

  StreamFold(
      String name,
      PollStream<T> stream,
      R initial,
      BiFunction<? super R, ? super T, ? extends R> function) {
    super(name, stream);
    this.accumulated = initial;
    this.function = requireNonNull(function, "function");
  }

  @Override
  boolean accept(T element) {
    accumulated = function.apply(accumulated, element);
    return true;
  }

  @Override
  R result() {
    return accumulated;
  }
}
