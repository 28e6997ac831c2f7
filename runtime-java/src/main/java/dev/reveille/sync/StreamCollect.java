package dev.reveille.sync;

import java.util.function.BiConsumer;
import java.util.stream.Collector;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#collect}. */
final class StreamCollect<T, A, R extends @Nullable Object> extends StreamTerminal<T, R> {
  private final Collector<? super T, A, R> collector;
  private final BiConsumer<A, ? super T> accumulator;

  /** Null before the first element. */
  private @Nullable A container;

  StreamCollect(PollStream<T> stream, Collector<? super T, A, R> collector) {
    super("collect", stream);
    this.collector = collector;
    this.accumulator = collector.accumulator();
  }

  private A container() {
    A c = container;
    if (c == null) {
      c = collector.supplier().get();
      container = c;
    }
    return c;
  }

  @Override
  boolean accept(T element) {
    accumulator.accept(container(), element);
    return true;
  }

  @Override
  R result() {
    return collector.finisher().apply(container());
  }
}
