package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import java.util.function.Consumer;

/** {@link PollStream#forEach}. */
final class StreamForEach<T> extends StreamTerminal<T, Complete> {
  private final Consumer<? super T> action;

  StreamForEach(PollStream<T> stream, Consumer<? super T> action) {
    super("forEach", stream);
    this.action = requireNonNull(action, "action");
  }

  @Override
  boolean accept(T element) {
    action.accept(element);
    return true;
  }

  @Override
  Complete result() {
    return Complete.COMPLETE;
  }
}
