package dev.reveille.samples.compat.tck;

import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import java.util.Arrays;
import java.util.concurrent.Flow;

/** The ways to make a stream of a publisher. */
public enum Subscribing {
  /** One element at a time. */
  PREFETCH_1,
  /** An odd number. */
  PREFETCH_3,
  /** A power of two. */
  PREFETCH_16,
  /** More than the kit ever signals. */
  PREFETCH_1000,
  /** Without back pressure. */
  EMITTER;

  <T> PollStream<T> stream(Flow.Publisher<T> publisher) {
    return switch (this) {
      case PREFETCH_1 -> PollStream.from(publisher, 1);
      case PREFETCH_3 -> PollStream.from(publisher, 3);
      case PREFETCH_16 -> PollStream.from(publisher, 16);
      case PREFETCH_1000 -> PollStream.from(publisher, 1_000);
      case EMITTER ->
          Callbacks.stream(
              "of a publisher", Overflow.unbounded(), Callbacks.subscribing(publisher));
    };
  }

  /** For a data provider. */
  static Object[][] all() {
    return Arrays.stream(values()).map(way -> new Object[] {way}).toArray(Object[][]::new);
  }
}
