package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import dev.reveille.callback.Emitter;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * {@link Callbacks#subscribing}: asks for everything, and gives it to an emitter, whose overflow
 * says what then.
 *
 * <p>The subscription is called by the loop alone, so that request and cancel come one after the
 * other (rule 2.7): a subscription that comes on another thread is handed over. Only what comes too
 * late to be anybody's is cancelled where it comes in.
 */
final class EmitterSubscriber<T> extends BlockOwner implements Flow.Subscriber<T>, AutoCloseable {
  private static final Flow.Subscription GONE =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private final Emitter<T> emitter;
  private final Dispatcher dispatcher;
  private final AtomicReference<Flow.@Nullable Subscription> subscription = new AtomicReference<>();

  /** On the loop. */
  EmitterSubscriber(Emitter<T> emitter) {
    super("subscription");
    this.emitter = emitter;
    this.dispatcher = requireNonNull(Dispatcher.current(), "no registrar runs here");
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    requireNonNull(s, "subscription (rule 2.13)");
    if (!subscription.compareAndSet(null, s)) {
      s.cancel(); // a second one (rule 2.5), or one that nobody waits for any more
    } else if (dispatcher.onLoop()) {
      request();
    } else {
      try {
        dispatcher.post(this, this::request);
      } catch (RejectedExecutionException e) {
        close(); // the dispatcher is closed, and nobody else will
      }
    }
  }

  private void request() {
    try {
      requireNonNull(subscription.get()).request(Long.MAX_VALUE);
    } catch (Throwable t) { // against rule 3.16; the stream fails with it
      if (!emitter.fail(t)) {
        throw t;
      }
    }
  }

  @Override
  public void onNext(T element) {
    emitter.next(requireNonNull(element, "element (rule 2.13)"));
  }

  @Override
  public void onError(Throwable failure) {
    requireNonNull(failure, "failure (rule 2.13)");
    subscription.set(GONE); // there is nothing to cancel any more (rule 2.4)
    emitter.fail(failure);
  }

  @Override
  public void onComplete() {
    subscription.set(GONE);
    emitter.complete();
  }

  /** The stream has ended, or was given up. On the loop. */
  @Override
  public void close() {
    Flow.Subscription s = subscription.getAndSet(GONE);
    if (s != null) {
      s.cancel();
    }
  }

  /** The request, of a dispatcher that was closed before it. */
  @Override
  protected void giveBack(Runnable block) {
    close();
  }
}
