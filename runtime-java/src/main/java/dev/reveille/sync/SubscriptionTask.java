package dev.reveille.sync;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Waker;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves one subscriber of a {@link StreamPublisher}: polls the stream for what the {@link Demand}
 * allows, and delivers the signals, one after the other. On the loop only; if the dispatcher
 * refused it, on the thread that subscribed.
 */
final class SubscriptionTask<T> extends Operation<Complete> {
  private final String dispatcher;
  private final Demand demand = new Demand();

  /** Null after the end: the publisher keeps no reference to it then (rule 3.13). */
  private Flow.@Nullable Subscriber<? super T> subscriber;

  /** Null once it was asked. */
  private @Nullable Supplier<? extends PollStream<? extends T>> streams;

  /** Null before the first poll, and after the end. */
  private @Nullable Upstream<T> stream;

  private boolean refused;

  /** Taken out of the demand, and not served yet. */
  private long granted;

  SubscriptionTask(
      String dispatcher,
      Flow.Subscriber<? super T> subscriber,
      Supplier<? extends PollStream<? extends T>> streams) {
    super("publisher");
    this.dispatcher = dispatcher;
    this.subscriber = subscriber;
    this.streams = streams;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    Flow.Subscriber<? super T> s = subscriber;
    assert s != null;
    demand.running();
    try {
      return serve(cx, s);
    } catch (Throwable t) {
      // By the subscriber, against rule 2.13; the stream's own failures get here only when it has
      // cancelled. It is not called again; the uncaught handler hears of it, since the task fails.
      finish(t);
      throw t;
    }
  }

  private Poll<Complete> serve(Context cx, Flow.Subscriber<? super T> s) throws Exception {
    Upstream<T> source = stream;
    if (source == null) {
      s.onSubscribe(demand);
      if (demand.isOver()) {
        return over(s);
      }
      try {
        source = open();
      } catch (Throwable t) { // not swallowed: the subscriber gets it
        return fail(s, t);
      }
      stream = source;
    }
    for (; ; ) {
      if (demand.isOver()) {
        return over(s);
      }
      if (granted == 0) {
        granted = demand.take();
        if (granted == 0) {
          if (demand.await(cx.waker("demand of a subscriber"))) {
            return Poll.pending();
          }
          continue;
        }
      }
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
      Waker waker = cx.waker("an element for a subscriber"); // what the stream waits for says more
      Poll<@Nullable T> poll;
      try {
        poll = cx.pollChild(source);
      } catch (Throwable t) { // not swallowed: the subscriber gets it
        return fail(s, t);
      }
      if (poll.isPending()) {
        if (demand.awaitEnd(waker)) {
          return Poll.pending();
        }
        continue;
      }
      T element = poll.value();
      if (element == null) {
        return complete(s);
      }
      if (granted != Demand.UNBOUNDED) {
        granted--;
      }
      if (!demand.isCancelled()) { // it may have been by what the stream has just run
        s.onNext(element);
      }
    }
  }

  private Upstream<T> open() {
    Supplier<? extends PollStream<? extends T>> supplier = streams;
    assert supplier != null;
    streams = null;
    PollStream<? extends T> made = supplier.get();
    if (made == null) { // by code that is not null-checked
      throw new NullPointerException("the supplier of a publisher's streams returned null");
    }
    return new Upstream<>(made);
  }

  // ------------------------------------------------------------------ the ends

  private Poll<Complete> complete(Flow.Subscriber<? super T> s) {
    boolean silent = demand.isCancelled();
    finish(null);
    if (!silent) {
      s.onComplete();
    }
    return Poll.ready();
  }

  private Poll<Complete> fail(Flow.Subscriber<? super T> s, Throwable failure) throws Exception {
    boolean silent = demand.isCancelled();
    finish(failure);
    if (!silent) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt(); // the loop takes note of it
      }
      s.onError(failure);
      return Poll.ready();
    }
    // Nobody listens any more: it is left to the uncaught handler.
    if (failure instanceof Exception e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    throw new IllegalStateException("the stream of a cancelled publisher failed", failure);
  }

  private Poll<Complete> over(Flow.Subscriber<? super T> s) {
    if (demand.isCancelled()) {
      finish(null);
    } else {
      Throwable illegal =
          new IllegalArgumentException(
              "request(n) of a publisher's subscription: n must be positive (rule 3.9)");
      finish(illegal);
      s.onError(illegal);
    }
    return Poll.ready();
  }

  /** Lets go of everything. What the stream's cancel throws is suppressed under the failure. */
  private void finish(@Nullable Throwable failure) {
    subscriber = null;
    streams = null;
    demand.cancel();
    Upstream<T> source = stream;
    stream = null;
    if (source == null) {
      return;
    }
    try {
      source.cancel();
    } catch (Throwable t) {
      if (failure == null) {
        throw t;
      }
      if (failure != t) {
        failure.addSuppressed(t);
      }
    }
  }

  /** The dispatcher has not taken the task. On the thread that subscribed, which alone knows it. */
  void refuse() {
    refused = true;
    cancel();
  }

  /** The dispatcher refused the task, or was closed before its end: not without a word. */
  @Override
  protected void doCancel() {
    Flow.Subscriber<? super T> s = subscriber;
    assert s != null;
    boolean begun = stream != null;
    if (demand.isCancelled()) {
      finish(null);
      return;
    }
    Throwable closed =
        refused
            ? new RejectedExecutionException(
                "dispatcher '"
                    + dispatcher
                    + "' is closed or shutting down: it did not take the subscription")
            : new CancellationException(
                "dispatcher '" + dispatcher + "' was closed before the end of the stream");
    finish(closed);
    if (!begun) {
      s.onSubscribe(demand);
    }
    s.onError(closed);
  }
}
