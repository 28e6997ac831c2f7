package dev.reveille.sync;

import dev.reveille.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#buffer(int)} and {@link PollStream#buffer(int, Duration)}. */
final class StreamBuffer<T> extends StreamHolding<T, List<T>> {
  private final int size;

  /** How long after the first element, or null for as long as it takes. */
  private final @Nullable Duration limit;

  private @Nullable List<T> filling;

  StreamBuffer(PollStream<T> upstream, int size, @Nullable Duration limit) {
    super("buffer", upstream);
    if (size < 1) {
      throw new IllegalArgumentException("buffer: the size must be at least 1: " + size);
    }
    if (limit != null) {
      Period.of("buffer", limit); // refuses what is not positive
    }
    this.size = size;
    this.limit = limit;
  }

  @Override
  @Nullable List<T> add(Context cx, T element) {
    List<T> list = filling;
    if (list == null) {
      list = new ArrayList<>(Math.min(size, 16));
      filling = list;
      if (limit != null && size > 1) {
        timer(cx).reset(limit);
      }
    }
    list.add(element);
    return list.size() == size ? take() : null;
  }

  @Override
  @Nullable List<T> take() {
    List<T> list = filling;
    filling = null;
    return list;
  }
}
