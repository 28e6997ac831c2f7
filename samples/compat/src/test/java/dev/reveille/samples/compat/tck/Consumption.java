package dev.reveille.samples.compat.tck;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/**
 * A task that consumes {@code way.stream(publisher)}, and the subscriber that this subscribed with,
 * for the kit to signal to.
 *
 * @param <T> the type of the elements
 */
final class Consumption<T> {
  final Flow.Subscriber<? super T> subscriber;
  private final JoinHandle<Complete> handle;

  Consumption(Dispatcher dispatcher, Subscribing way) {
    CompletableFuture<Flow.Subscriber<? super T>> captured = new CompletableFuture<>();
    Flow.Publisher<T> publisher = captured::complete;
    handle = dispatcher.spawn(way.stream(publisher).forEach(element -> {}));
    handle.toCompletableFuture(); // joins: the failures that the kit signals are not uncaught
    subscriber = captured.orTimeout(20, TimeUnit.SECONDS).join();
  }

  void cancel() {
    handle.cancel();
  }
}
