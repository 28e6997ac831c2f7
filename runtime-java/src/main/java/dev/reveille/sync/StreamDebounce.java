package dev.reveille.sync;

import dev.reveille.Context;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#debounce}. */
final class StreamDebounce<T> extends StreamHolding<T, T> {
  private final Duration quiet;
  private @Nullable T latest;

  StreamDebounce(PollStream<T> upstream, Duration quiet) {
    super("debounce", upstream);
    Period.of("debounce", quiet); // refuses what is not positive
    this.quiet = quiet;
  }

  @Override
  @Nullable T add(Context cx, T element) {
    latest = element;
    timer(cx).reset(quiet);
    return null;
  }

  @Override
  @Nullable T take() {
    T element = latest;
    latest = null;
    return element;
  }
}
