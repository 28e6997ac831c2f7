package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A stream that a test feeds by hand, and that counts how it is treated. On one thread. */
final class SourceStream<T> extends AbstractPollStream<T> {
  private final ArrayDeque<T> elements = new ArrayDeque<>();
  private final WakerSlot slot = new WakerSlot();
  private boolean ended;
  private @Nullable Exception failure;

  /** How many elements were taken out. */
  int taken;

  int polls;
  int releases;

  SourceStream() {
    super("source");
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // give() only reads them
  static <T> SourceStream<T> of(T... elements) {
    return new SourceStream<T>().give(elements);
  }

  @SafeVarargs
  final SourceStream<T> give(T... more) {
    for (T element : more) {
      elements.add(element);
    }
    slot.wake();
    return this;
  }

  SourceStream<T> endNow() {
    ended = true;
    slot.wake();
    return this;
  }

  SourceStream<T> fail(Exception e) {
    failure = e;
    slot.wake();
    return this;
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    polls++;
    T element = elements.poll();
    if (element != null) {
      taken++;
      return element(element);
    }
    if (failure != null) {
      throw failure;
    }
    if (ended) {
      return end();
    }
    slot.register(cx, "the test");
    return Poll.pending();
  }

  @Override
  protected void release() {
    releases++;
  }
}
