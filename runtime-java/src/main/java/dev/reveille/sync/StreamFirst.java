package dev.reveille.sync;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#first}. */
final class StreamFirst<T> extends StreamTerminal<T, T> {
  private @Nullable T first;

  StreamFirst(PollStream<T> stream) {
    super("first", stream);
  }

  @Override
  boolean accept(T element) {
    first = element;
    return false;
  }

  @Override
  T result() {
    T f = first;
    if (f == null) {
      throw new NoSuchElementException("first: the stream ended without an element");
    }
    return f;
  }
}
