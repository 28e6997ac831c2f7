package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** {@link Publishers#publisher}. */
final class StreamPublisher<T> implements Flow.Publisher<T> {
  private final Dispatcher dispatcher;
  private final Supplier<? extends PollStream<? extends T>> streams;

  StreamPublisher(Dispatcher dispatcher, Supplier<? extends PollStream<? extends T>> streams) {
    this.dispatcher = requireNonNull(dispatcher, "dispatcher");
    this.streams = requireNonNull(streams, "streams");
  }

  /** Of one stream: the second subscriber gets a failure. */
  static <T> StreamPublisher<T> once(Dispatcher dispatcher, PollStream<T> stream) {
    AtomicBoolean taken = new AtomicBoolean();
    return new StreamPublisher<>(
        dispatcher,
        () -> {
          if (taken.getAndSet(true)) {
            throw new IllegalStateException(
                "this publisher is of the one stream '"
                    + stream
                    + "', which has a subscriber already; Publishers.publisher(dispatcher,"
                    + " supplier) makes a stream for each");
          }
          return stream;
        });
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    requireNonNull(subscriber, "subscriber");
    SubscriptionTask<T> subscription =
        new SubscriptionTask<>(dispatcher.name(), subscriber, streams);
    JoinHandle<Complete> handle = dispatcher.spawn("publisher", subscription);
    // A refused spawn gives a finished handle and leaves its pollable alone; in every other case
    // the subscription was finished before the handle, and isDone() lets us see that.
    if (handle.isDone() && !subscription.isFinished()) {
      subscription.refuse();
    }
  }
}
