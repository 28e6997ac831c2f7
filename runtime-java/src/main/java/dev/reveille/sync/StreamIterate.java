package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * {@link PollStream#from(Iterable)}, {@link PollStream#of}: always ready, as long as budget is
 * left.
 */
final class StreamIterate<T> extends AbstractPollStream<T> {
  private @Nullable Iterable<? extends T> source;

  /** Null before the first poll. */
  private @Nullable Iterator<? extends T> iterator;

  StreamIterate(Iterable<? extends T> source) {
    super("from an iterable");
    this.source = requireNonNull(source, "iterable");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Iterator<? extends T> i = iterator;
    if (i == null) {
      assert source != null;
      i = source.iterator();
      iterator = i;
    }
    if (!cx.tryProceed()) {
      return Poll.pending();
    }
    if (!i.hasNext()) {
      return end();
    }
    T element = i.next();
    if (element == null) {
      throw new NullPointerException("the iterable gave null; elements of a stream are not null");
    }
    return element(element);
  }

  @Override
  protected void release() {
    source = null;
    iterator = null;
  }
}
