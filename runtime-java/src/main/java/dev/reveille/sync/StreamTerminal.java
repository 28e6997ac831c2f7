package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/** An operation that consumes a stream, which it owns. */
abstract class StreamTerminal<T, R extends @Nullable Object> extends Operation<R> {
  private final Upstream<T> upstream;

  StreamTerminal(String name, PollStream<T> stream) {
    super(name);
    this.upstream = new Upstream<>(stream);
  }

  /** Returns false if that was enough: the rest is cancelled. */
  abstract boolean accept(T element);

  /** After the last element. */
  abstract R result();

  @Override
  protected final Poll<R> doPoll(Context cx) throws Exception {
    try {
      for (; ; ) {
        Poll<@Nullable T> poll = upstream.poll(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        T element = poll.value();
        if (element == null) {
          return Poll.ready(result());
        }
        if (!accept(element)) {
          upstream.cancel();
          return Poll.ready(result());
        }
        if (!cx.tryProceed()) {
          return Poll.pending();
        }
      }
    } catch (Throwable t) {
      try {
        upstream.cancel(); // does nothing if it is where this came from
      } catch (Throwable second) {
        t.addSuppressed(second);
      }
      throw t;
    }
  }

  @Override
  protected final void doCancel() {
    upstream.cancel();
  }
}
