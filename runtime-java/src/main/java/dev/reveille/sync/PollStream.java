package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.StopToken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Elements that come one after the other, in time: what a {@link Pollable} is to one value.
 *
 * <p>A stream is pulled: nothing happens in it except within {@link #pollNext}, so a consumer that
 * does not poll is back pressure enough, and a stream that nobody polls does nothing. Elements are
 * not null.
 *
 * <pre>{@code
 * Pollable<List<String>> head =
 *     PollStream.from(lines).filter(line -> !line.isBlank()).map(String::trim).take(3).toList();
 * JoinHandle<List<String>> handle = dispatcher.spawn("head", head);
 * }</pre>
 *
 * <p><b>Ownership.</b> A stream has one owner. An operator ({@code map}, {@code take}, …), a
 * combination ({@code merge}, …), a consuming operation ({@code toList}, …) and a publisher take
 * over the streams they are made of: from then on only the result is polled and cancelled. What
 * must not be dropped without being either polled to its end or cancelled is the last one in the
 * chain. Only {@link #next} leaves the stream with its owner.
 *
 * <p><b>What all operators have in common.</b> They are Ready, and Pending, as their upstream is,
 * except as they say; whoever wakes the upstream's task wakes theirs, and the timed ones are woken
 * by a {@link dev.reveille.Timer} of the loop that polls them. An exception of upstream passes
 * through. An exception of a function of the user, and a null that it returns for an element,
 * ({@link NullPointerException}) fails the stream: it has ended, and upstream was cancelled. {@code
 * cancel()} cancels upstream, once; operators that hold elements drop them. What passes over
 * elements without giving any spends the {@linkplain Context#tryProceed budget} of the poll, so a
 * stream that is filtered down to nothing does not starve its neighbours.
 *
 * <p><b>Threading.</b> All methods are called on the loop only, by the owner, except that streams
 * may be built by any thread that then hands them to the loop (by a spawn, say). <b>Memory
 * effects.</b> As of {@link Pollable}.
 *
 * <p>To write one by hand, extend {@link AbstractPollStream}, which keeps the rules of the end.
 *
 * @param <T> the type of the elements
 */
public interface PollStream<T> {

  /**
   * The next element; may be called again and again.
   *
   * <p>Ready with an element, or ready with null at the end. Pending while there is neither; then a
   * wake is arranged, under the contract of {@link Pollable#poll}. Polling again while pending
   * registers nothing twice.
   *
   * @param cx the context of this poll; not to be kept after it
   * @return ready with the next element, ready with null at the end, or pending
   * @throws IllegalStateException by name, if the stream had ended, had failed or was cancelled
   *     before
   * @throws Exception the failure of the stream; it has ended by that
   */
  Poll<@Nullable T> pollNext(Context cx) throws Exception;

  /**
   * The owner gives the stream up: releases everything, upstream too. Idempotent; does nothing
   * after the end or a failure. On the loop only. After it the stream is not polled again.
   */
  void cancel();

  // ------------------------------------------------------------------ one by one

  /**
   * Each element put through a function.
   *
   * @param <R> the type of the new elements
   * @param function makes an element of an element
   * @return the mapped stream
   */
  default <R> PollStream<R> map(Function<? super T, ? extends R> function) {
    return new StreamMap<>(this, function);
  }

  /**
   * The elements that a predicate accepts.
   *
   * @param predicate what to let pass
   * @return the filtered stream
   */
  default PollStream<T> filter(Predicate<? super T> predicate) {
    return new StreamFilter<>(this, predicate);
  }

  /**
   * The same elements, and an action for each on its way.
   *
   * @param action called with each element before it is given
   * @return the stream
   */
  default PollStream<T> onEach(Consumer<? super T> action) {
    return new StreamOnEach<>(this, action);
  }

  /**
   * The running {@linkplain #fold fold}: first the initial value, at once, and then for each
   * element what the function makes of the value so far and the element.
   *
   * @param <R> the type of the values
   * @param initial the first value given
   * @param function makes the next value
   * @return the stream of all intermediate values
   */
  default <R> PollStream<R> scan(
      R initial, BiFunction<? super R, ? super T, ? extends R> function) {
    return new StreamScan<>(this, initial, function);
  }

  /**
   * The first so many elements. Upstream is cancelled as soon as the last of them was given.
   *
   * @param count how many at most
   * @return the shorter stream
   * @throws IllegalArgumentException if the count is negative
   */
  default PollStream<T> take(long count) {
    return new StreamTake<>(this, count);
  }

  /**
   * The elements before the first that a predicate rejects. That one is dropped, and upstream
   * cancelled.
   *
   * @param predicate what to let pass
   * @return the shorter stream
   */
  default PollStream<T> takeWhile(Predicate<? super T> predicate) {
    return new StreamTakeWhile<>(this, predicate);
  }

  /**
   * The elements before something happens. In the poll that finds the signal ready, an element that
   * is there as well is still given; then the stream ends, and upstream is cancelled. If upstream
   * ends first, the signal is cancelled. A failure of the signal fails the stream.
   *
   * @param <S> the type of the signal's result, which is not looked at
   * @param signal what ends the stream; the stream becomes its owner
   * @return the shorter stream
   */
  default <S extends @Nullable Object> PollStream<T> takeUntil(Pollable<S> signal) {
    return new StreamTakeUntil<>(this, signal);
  }

  /**
   * The elements before a stop is requested: {@link #takeUntil(Pollable)} of {@link
   * StopToken#pollStopped}.
   *
   * @param token what ends the stream
   * @return the shorter stream
   */
  default PollStream<T> takeUntil(StopToken token) {
    requireNonNull(token, "token");
    return takeUntil((Pollable<Complete>) token::pollStopped);
  }

  /**
   * All but the first so many elements.
   *
   * @param count how many are dropped
   * @return the shorter stream
   * @throws IllegalArgumentException if the count is negative
   */
  default PollStream<T> skip(long count) {
    return new StreamSkip<>(this, count);
  }

  // ------------------------------------------------------------------ streams of streams

  /**
   * The elements of the streams that a function makes of the elements, one stream after the other:
   * the next element of this stream is asked for when the stream of the one before has ended.
   *
   * @param <R> the type of the new elements
   * @param function makes a stream of an element
   * @return the stream of all their elements, in order
   */
  default <R> PollStream<R> concatMap(
      Function<? super T, ? extends PollStream<? extends R>> function) {
    return new StreamConcatMap<>(this, function);
  }

  /**
   * The elements of the streams that a function makes of the elements, several of them at a time,
   * in the order in which they come. The open streams take turns, as in {@link #merge}. A failure
   * of one cancels the others.
   *
   * @param <R> the type of the new elements
   * @param concurrency how many may be open at a time; each wake polls all of them
   * @param function makes a stream of an element
   * @return the stream of all their elements
   * @throws IllegalArgumentException if the concurrency is less than 1
   */
  default <R> PollStream<R> flatMap(
      int concurrency, Function<? super T, ? extends PollStream<? extends R>> function) {
    return new StreamFlatMap<>(this, concurrency, function);
  }

  /**
   * The results of the operations that a function makes of the elements, one operation after the
   * other: {@link #mapAsync(int, Function)} with a parallelism of 1.
   *
   * @param <R> the type of the results
   * @param function begins an operation for an element
   * @return the stream of the results
   */
  default <R> PollStream<R> mapAsync(
      Function<? super T, ? extends Pollable<? extends R>> function) {
    return mapAsync(1, function);
  }

  /**
   * The results of the operations that a function makes of the elements, several of them at a time,
   * in the order of the elements. A failure, of upstream too, comes when it is its turn: after the
   * results of the elements before it. Then the operations behind it are cancelled. The operations
   * go on only while this stream is polled: a consumer that is busy elsewhere stops them too.
   *
   * @param <R> the type of the results
   * @param parallelism how many operations may be open at a time; each wake polls all of them
   * @param function begins an operation for an element; its result is not null
   * @return the stream of the results
   * @throws IllegalArgumentException if the parallelism is less than 1
   */
  default <R> PollStream<R> mapAsync(
      int parallelism, Function<? super T, ? extends Pollable<? extends R>> function) {
    return new StreamMapAsync<>(this, parallelism, function);
  }

  /**
   * Pairs of this stream and another, first with first and so on. Ends as soon as one of them ends;
   * the other is cancelled, and an element of it that has waited for its counterpart dropped.
   *
   * @param <U> the type of the other elements
   * @param <R> the type of the new elements
   * @param other the other stream
   * @param function makes an element of two
   * @return the stream of what the function made
   */
  default <U, R> PollStream<R> zip(
      PollStream<? extends U> other, BiFunction<? super T, ? super U, ? extends R> function) {
    return new StreamZip<>(this, other, function);
  }

  // ------------------------------------------------------------------ number and time

  /**
   * Lists of so many elements; the last one may be shorter. A failure comes after the list of the
   * elements that came before it.
   *
   * @param size how many elements make a list
   * @return the stream of new lists, which belong to the receiver
   * @throws IllegalArgumentException if the size is less than 1
   */
  default PollStream<List<T>> buffer(int size) {
    return new StreamBuffer<>(this, size, null);
  }

  /**
   * Lists of so many elements, or of those that came within a time of the first of them, whichever
   * is first. Never an empty list. A failure comes after the list of the elements that came before
   * it.
   *
   * @param size how many elements make a list
   * @param limit how long after its first element a list is given at the latest
   * @return the stream of new lists, which belong to the receiver
   * @throws IllegalArgumentException if the size is less than 1 or the limit not positive
   */
  default PollStream<List<T>> buffer(int size, Duration limit) {
    return new StreamBuffer<>(this, size, requireNonNull(limit, "limit"));
  }

  /**
   * The same elements, slowed down: after each, a period passes before upstream is asked for the
   * next. Nothing is dropped; upstream feels the back pressure. Named as in tokio; the {@code
   * throttle} of other libraries, which drops, is {@link #throttleFirst} or {@link #sample}.
   *
   * @param period how long at least between two elements
   * @return the slower stream
   * @throws IllegalArgumentException if the period is not positive
   */
  default PollStream<T> throttle(Duration period) {
    return new StreamThrottle<>(this, period);
  }

  /**
   * An element, and then none for a while: those that come within the window after it are dropped.
   *
   * @param window how long after each element given
   * @return the thinned stream
   * @throws IllegalArgumentException if the window is not positive
   */
  default PollStream<T> throttleFirst(Duration window) {
    return new StreamThrottleFirst<>(this, window);
  }

  /**
   * The latest element of each period, at the end of the period; the ones before it are dropped.
   * The periods are counted from the first element on; one without an element gives nothing. At the
   * end of upstream, and before its failure, the latest element is given at once.
   *
   * @param period the length of the periods
   * @return the thinned stream
   * @throws IllegalArgumentException if the period is not positive
   */
  default PollStream<T> sample(Duration period) {
    return new StreamSample<>(this, period);
  }

  /**
   * An element once it was quiet for a while after it; one that is followed by another before that
   * is dropped. At the end of upstream, and before its failure, the latest element is given at
   * once.
   *
   * @param quiet how long no other element comes
   * @return the thinned stream
   * @throws IllegalArgumentException if the duration is not positive
   */
  default PollStream<T> debounce(Duration quiet) {
    return new StreamDebounce<>(this, quiet);
  }

  // ------------------------------------------------------------------ to the end

  /**
   * The next element, as a one-shot operation.
   *
   * <p>Ready with the next element, or with null at the end of the stream. Pending until then; the
   * stream wakes. Throws what {@link #pollNext} throws. {@code cancel()} gives up waiting; the
   * stream stays with its owner, and what comes is there for the next call.
   *
   * @return a new operation
   */
  default Pollable<@Nullable T> next() {
    return new StreamNext<>(this);
  }

  /**
   * The first element; the rest of the stream is cancelled.
   *
   * <p>Ready with the element. Pending until there is one; the stream wakes. Throws {@link
   * java.util.NoSuchElementException} if the stream ends without one, or the failure of the stream.
   * {@code cancel()} cancels the stream.
   *
   * @return a new operation, which owns the stream
   */
  default Pollable<T> first() {
    return new StreamFirst<>(this);
  }

  /**
   * Calls an action with each element.
   *
   * <p>Ready at the end of the stream. Pending until then; the stream wakes. Throws what the action
   * throws, after the stream was cancelled, or the failure of the stream. {@code cancel()} cancels
   * the stream.
   *
   * @param action called with each element, on the loop
   * @return a new operation, which owns the stream
   */
  default Pollable<Complete> forEach(Consumer<? super T> action) {
    return new StreamForEach<>(this, action);
  }

  /**
   * Sends each element into a channel, and closes the sender in the end, however that comes. An
   * element is taken from the stream when there is a place for it, so none is held by this
   * operation.
   *
   * <p>Ready at the end of the stream. Pending until then, or while the channel has no place; the
   * stream wakes, or whoever frees the place. Throws {@link ChannelClosedException} if the channel
   * is closed, after the stream was cancelled, or the failure of the stream. {@code cancel()}
   * cancels the stream and closes the sender.
   *
   * @param sender where the elements go; the operation owns it
   * @return a new operation, which owns the stream
   */
  default Pollable<Complete> sendTo(Sender<? super T> sender) {
    return new StreamSendTo<>(this, sender);
  }

  /**
   * What a function makes of all elements, one by one.
   *
   * <p>Ready with the last value at the end of the stream. Pending until then; the stream wakes.
   * Throws what the function throws, after the stream was cancelled, or the failure of the stream.
   * {@code cancel()} cancels the stream.
   *
   * @param <R> the type of the value
   * @param initial the value of the empty stream
   * @param function makes the next value of the value so far and an element
   * @return a new operation, which owns the stream
   */
  default <R extends @Nullable Object> Pollable<R> fold(
      R initial, BiFunction<? super R, ? super T, ? extends R> function) {
    return new StreamFold<T, R>("fold", this, initial, function);
  }

  /**
   * What a collector makes of all elements.
   *
   * <p>Ready with the collector's result at the end of the stream. Pending until then; the stream
   * wakes. Throws what the collector throws, after the stream was cancelled, or the failure of the
   * stream. {@code cancel()} cancels the stream.
   *
   * @param <R> the type of the result
   * @param collector takes the elements in; its combiner is not used
   * @return a new operation, which owns the stream
   */
  default <R extends @Nullable Object> Pollable<R> collect(Collector<? super T, ?, R> collector) {
    return new StreamCollect<>(this, collector);
  }

  /**
   * All elements.
   *
   * <p>Ready with an unmodifiable list at the end of the stream. Pending until then; the stream
   * wakes. Throws the failure of the stream. {@code cancel()} cancels the stream.
   *
   * @return a new operation, which owns the stream
   */
  default Pollable<List<T>> toList() {
    return collect(Collectors.<T>toUnmodifiableList());
  }

  /**
   * How many elements there are.
   *
   * <p>Ready with the number at the end of the stream. Pending until then; the stream wakes. Throws
   * the failure of the stream. {@code cancel()} cancels the stream.
   *
   * @return a new operation, which owns the stream
   */
  default Pollable<Long> count() {
    return new StreamFold<T, Long>("count", this, 0L, (n, element) -> n + 1);
  }

  /**
   * This stream as a publisher, for one subscriber; a second one gets {@code onError} with an
   * {@link IllegalStateException}. All else as {@link Publishers} says. The stream is the
   * publisher's from the first subscription on; if that is refused by the dispatcher, the stream is
   * untouched.
   *
   * @param dispatcher polls the stream, and delivers the signals
   * @return the publisher
   */
  default Flow.Publisher<T> asPublisher(Dispatcher dispatcher) {
    return StreamPublisher.once(dispatcher, this);
  }

  // ------------------------------------------------------------------ sources

  /**
   * A stream of some elements, all of which are there.
   *
   * @param <T> the type of the elements
   * @param elements the elements; they are copied
   * @return the stream
   */
  @SafeVarargs
  static <T> PollStream<T> of(T... elements) {
    List<T> copy = new ArrayList<>(elements.length);
    for (T element : elements) {
      copy.add(requireNonNull(element, "an element of the stream"));
    }
    return new StreamIterate<>(copy);
  }

  /**
   * A stream of what an iterable iterates over, without ever waiting. The iterator is made in the
   * first poll; its methods must not block.
   *
   * @param <T> the type of the elements
   * @param iterable gives the elements
   * @return the stream
   */
  static <T> PollStream<T> from(Iterable<? extends T> iterable) {
    return new StreamIterate<>(iterable);
  }

  /**
   * The elements of a publisher of Reactive Streams. It is subscribed to in the first poll, on the
   * loop; its signals may come from any thread, and only store and wake. {@code prefetch} elements
   * are requested at first, and more when three quarters of them were taken out: so at most {@code
   * prefetch} are on the way or waiting here at any time.
   *
   * <p>{@code pollNext} is Ready with the elements in their order, then with null after {@code
   * onComplete}, or throws what {@code onError} was given, as it is. Pending while nothing has
   * come; the next signal wakes. {@code cancel} cancels the subscription, on the loop, and drops
   * what was not taken; a subscription that comes later is cancelled when it comes.
   *
   * <p>A publisher that breaks the rules does no harm: a signal with null throws {@link
   * NullPointerException} at the publisher; a second subscription is cancelled; elements beyond the
   * demand, and those that are signalled by two threads at once, fail the stream with an {@link
   * IllegalStateException} that says so, after what came before; an {@code onError} after the end
   * is logged.
   *
   * <p><b>Memory effects.</b> Actions before a signal happen-before the poll that gives its element
   * (or end, or failure).
   *
   * @param <T> the type of the elements
   * @param publisher the publisher
   * @param prefetch how many elements at most are on the way, from 1 to 1048576
   * @return the stream
   * @throws IllegalArgumentException if the prefetch is out of its range
   */
  static <T> PollStream<T> from(Flow.Publisher<? extends T> publisher, int prefetch) {
    return new StreamFromPublisher<>(publisher, prefetch);
  }

  /**
   * A stream without elements.
   *
   * @param <T> the type of the elements
   * @return a new stream, at its end
   */
  static <T> PollStream<T> empty() {
    return new StreamIterate<>(List.of());
  }

  /**
   * A stream that fails in its first poll.
   *
   * @param <T> the type of the elements
   * @param failure what {@code pollNext} throws
   * @return the stream
   */
  static <T> PollStream<T> failed(Exception failure) {
    return new StreamFailed<>(failure);
  }

  /**
   * A stream of the results of operations, one after the other. Pending while the operation is; a
   * failure of it, or of the supplier, fails the stream; {@code cancel} cancels the operation.
   *
   * @param <T> the type of the elements
   * @param supplier begins the next operation; the result null is the end
   * @return the stream
   */
  static <T> PollStream<T> generate(Supplier<? extends Pollable<? extends @Nullable T>> supplier) {
    return new StreamGenerate<>(supplier);
  }

  /**
   * A stream whose state goes from step to step, page by page of a listing, say: the function
   * begins an operation for the state, whose result has the next element and the next state.
   * Pending while the operation is; a failure of it, or of the function, fails the stream; {@code
   * cancel} cancels the operation.
   *
   * @param <S> the type of the state
   * @param <T> the type of the elements
   * @param initial the first state
   * @param function begins the operation for a state; the result null is the end
   * @return the stream
   */
  static <S, T> PollStream<T> unfold(
      S initial, Function<? super S, ? extends Pollable<@Nullable Step<S, T>>> function) {
    return new StreamUnfold<S, T>(initial, function);
  }

  /**
   * One step of {@link #unfold}.
   *
   * @param <S> the type of the state
   * @param <T> the type of the elements
   * @param element what the stream gives
   * @param state where it goes on
   */
  record Step<S, T>(T element, S state) {
    /**
     * Checks the values.
     *
     * @param element what the stream gives
     * @param state where it goes on
     */
    public Step {
      requireNonNull(element, "element");
      requireNonNull(state, "state");
    }
  }

  /**
   * The numbers of the periods that have passed: 0 one period after the first poll, and so on,
   * without drift. A consumer that is late gets one element for all the periods it missed, with the
   * number of the latest; the gap in the numbers tells it. Never ends. What else may become of
   * ticks that were missed is offered by {@link dev.reveille.Interval}, whose ticks {@link
   * #generate} makes a stream of.
   *
   * @param period the length of a period
   * @return the stream
   * @throws IllegalArgumentException if the period is not positive
   */
  static PollStream<Long> interval(Duration period) {
    return new StreamInterval(period);
  }

  // ------------------------------------------------------------------ several

  /**
   * The elements of several streams, in the order in which they come. Fair: each search begins
   * behind the stream that gave the last element. Ends when all have ended; a failure of one
   * cancels the others. Each wake polls all of them: for dozens, not for thousands.
   *
   * @param <T> the type of the elements
   * @param streams the streams
   * @return the stream of all their elements
   */
  static <T> PollStream<T> merge(List<? extends PollStream<? extends T>> streams) {
    return new StreamMerge<>(streams);
  }

  /**
   * The elements of several streams, one stream after the other. A failure of one, and {@code
   * cancel}, cancel those that follow, begun or not.
   *
   * @param <T> the type of the elements
   * @param streams the streams
   * @return the stream of all their elements
   */
  static <T> PollStream<T> concat(List<? extends PollStream<? extends T>> streams) {
    return new StreamConcat<>(streams);
  }
}
