package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * {@link PollStream#from(Flow.Publisher, int)}: the side that polls a {@link PrefetchSubscriber}.
 */
final class StreamFromPublisher<T> extends AbstractPollStream<T> {
  private static final int MAX_PREFETCH = 1 << 20;

  /** Null once it was subscribed to. */
  private Flow.@Nullable Publisher<? extends T> publisher;

  private final int prefetch;

  /** Null before the first poll. */
  private @Nullable PrefetchSubscriber<T> subscriber;

  StreamFromPublisher(Flow.Publisher<? extends T> publisher, int prefetch) {
    super("from a publisher");
    this.publisher = requireNonNull(publisher, "publisher");
    if (prefetch < 1 || prefetch > MAX_PREFETCH) {
      throw new IllegalArgumentException(
          "the prefetch must be from 1 to " + MAX_PREFETCH + ": " + prefetch);
    }
    this.prefetch = prefetch;
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    PrefetchSubscriber<T> s = subscriber;
    if (s == null) {
      s = subscribe();
    }
    boolean registered = false;
    for (; ; ) {
      s.begin();
      Object terminal = s.terminal(); // before the last look for an element
      if (s.hasElement()) {
        if (!cx.tryProceed()) {
          return Poll.pending();
        }
        return element(s.take());
      }
      if (terminal != null) {
        return ended(terminal);
      }
      if (registered) {
        return Poll.pending();
      }
      s.await(cx);
      registered = true;
    }
  }

  private PrefetchSubscriber<T> subscribe() {
    Flow.Publisher<? extends T> p = publisher;
    assert p != null;
    publisher = null;
    PrefetchSubscriber<T> s = new PrefetchSubscriber<>(prefetch);
    subscriber = s;
    p.subscribe(s);
    return s;
  }

  private static <T> Poll<@Nullable T> ended(Object terminal) throws Exception {
    if (terminal == PrefetchSubscriber.COMPLETED) {
      return end();
    }
    Throwable failure =
        terminal instanceof PrefetchSubscriber.Violation violation
            ? violation.failure()
            : (Throwable) terminal;
    if (failure instanceof Exception exception) {
      throw exception;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException("a publisher failed with a bare Throwable", failure);
  }

  @Override
  protected void release() {
    publisher = null;
    PrefetchSubscriber<T> s = subscriber;
    subscriber = null;
    if (s != null) {
      s.release();
    }
  }
}
