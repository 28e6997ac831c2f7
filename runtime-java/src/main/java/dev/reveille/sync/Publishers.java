package dev.reveille.sync;

import dev.reveille.Dispatcher;
import java.util.concurrent.Flow;
import java.util.function.Supplier;

/**
 * {@link PollStream}s offered to the world of Reactive Streams. The other way is {@link
 * PollStream#from(Flow.Publisher, int)}.
 *
 * <p>The publishers keep the rules of Reactive Streams 1.0.4, as its TCK finds them:
 *
 * <ul>
 *   <li>All signals are delivered on the dispatcher's loop, by one task for each subscription:
 *       {@code onSubscribe} first, in a turn of its own and not within {@code subscribe}. Only if
 *       the dispatcher refuses the task, {@code onSubscribe} and {@code onError} with a {@link
 *       java.util.concurrent.RejectedExecutionException} come at once, on the calling thread.
 *   <li>The stream is polled for what was requested, and no further; so its end, too, is found when
 *       one more element is asked for. A demand without bound is served a budget at a time, between
 *       the other tasks of the loop.
 *   <li>{@code request} and {@code cancel} may be called by any thread, also from within a signal;
 *       they never run user code. After {@code cancel} the stream is cancelled on the loop. A
 *       {@code request} that is not positive ends the subscription with an {@link
 *       IllegalArgumentException} (rule 3.9).
 *   <li>If the dispatcher is closed before the end, the subscriber gets {@code onError} with a
 *       {@link java.util.concurrent.CancellationException}, on the thread that closes.
 *   <li>A subscriber that throws from a signal (against rule 2.13) is not called again; its
 *       exception goes to the dispatcher's uncaught handler, and the stream is cancelled.
 * </ul>
 *
 * <pre>{@code
 * Flow.Publisher<Integer> publisher =
 *     Publishers.publisher(dispatcher, () -> PollStream.of(1, 2, 3).map(n -> n * 10));
 * publisher.subscribe(subscriber);
 * }</pre>
 *
 * <p><b>Threading.</b> {@code subscribe} may be called by any thread. <b>Memory effects.</b>
 * Actions before {@code subscribe}, {@code request} and {@code cancel} happen-before what the loop
 * does for them.
 */
public final class Publishers {
  private Publishers() {}

  /**
   * A publisher that makes a stream for each subscriber. While a subscription lasts it is a task of
   * the dispatcher, and counts as work.
   *
   * @param <T> the type of the elements
   * @param dispatcher polls the streams, and delivers the signals
   * @param streams makes a fresh stream, on the loop; what it throws goes to {@code onError}
   * @return the publisher; its {@code subscribe} throws {@link NullPointerException} for null, and
   *     nothing else
   */
  public static <T> Flow.Publisher<T> publisher(
      Dispatcher dispatcher, Supplier<? extends PollStream<? extends T>> streams) {
    return new StreamPublisher<>(dispatcher, streams);
  }
}
