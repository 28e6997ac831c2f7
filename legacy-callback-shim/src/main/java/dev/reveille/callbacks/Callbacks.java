package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.callback.EmitResult;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Initiator;
import dev.reveille.callback.Overflow;
import dev.reveille.callback.Registrar;
import dev.reveille.sync.PollStream;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of legacy APIs as pollables and streams, and the way back.
 *
 * <pre>{@code
 * Pollable<Integer> read =
 *     Callbacks.call("read", completer -> channel.read(buffer, null, Callbacks.handler(completer)));
 * }</pre>
 *
 * <p><b>Threading.</b> The methods may be called by any thread; what they return belongs to the
 * loop that polls it.
 */
public final class Callbacks {
  private Callbacks() {}

  // ------------------------------------------------------------------ single-shot

  /**
   * Calls a callback API in the first poll and waits for its callback.
   *
   * <p>Ready with what the callback brings; pending until then, and the callback wakes, from
   * whatever thread it comes. Throws what the callback, or the call itself, fails with; {@link
   * java.util.concurrent.CancellationException} if the legacy side says that it was cancelled;
   * {@link dev.reveille.callback.LostCallbackException} if it has dropped the completer. The first
   * completion wins; later ones are told that they are too late, and reported. {@code cancel()}
   * gives up at once: the action of {@link Completer#onCancel} runs, and what comes later is
   * dropped.
   *
   * @param <T> the type of the result
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param start makes the call
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> call(String name, Initiator<T> start) {
    return Completer.pollable(name, start);
  }

  /**
   * {@link #call(String, Initiator)} with options: what becomes of results that come too late, what
   * giving up means, a time-out, and how misuse is met.
   *
   * @param <T> the type of the result
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param options the options
   * @param start makes the call
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> call(
      String name, CallOptions<? super T> options, Initiator<T> start) {
    return Completer.pollable(name, options, start);
  }

  /**
   * {@link #call(String, Initiator)} for an API whose call returns what cancels it.
   *
   * <pre>{@code
   * Pollable<String> body =
   *     Callbacks.callWithHandle(
   *         "get", completer -> client.get("/", completer::complete, completer::fail), Request::abort);
   * }</pre>
   *
   * @param <T> the type of the result
   * @param <H> the type of the handle
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param start makes the call and returns its handle
   * @param cancel cancels by the handle, when the one who waits gives up; as the action of {@link
   *     Completer#onCancel}
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object, H> Pollable<T> callWithHandle(
      String name, HandleInitiator<T, H> start, Consumer<? super H> cancel) {
    return callWithHandle(name, CallOptions.<T>defaults(), start, cancel);
  }

  /**
   * {@link #callWithHandle(String, HandleInitiator, Consumer)} with options.
   *
   * @param <T> the type of the result
   * @param <H> the type of the handle
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param options the options
   * @param start makes the call and returns its handle
   * @param cancel cancels by the handle, when the one who waits gives up
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object, H> Pollable<T> callWithHandle(
      String name,
      CallOptions<? super T> options,
      HandleInitiator<T, H> start,
      Consumer<? super H> cancel) {
    requireNonNull(start, "start");
    requireNonNull(cancel, "cancel");
    return Completer.pollable(
        name,
        options,
        completer -> {
          H handle = start.start(completer);
          if (handle != null) {
            completer.onCancel(() -> cancel.accept(handle));
          }
        });
  }

  /**
   * A completer as a handler of NIO.2. The attachment is not looked at.
   *
   * @param <V> the type of the result
   * @param completer what the handler completes
   * @return a new handler, for any thread
   */
  public static <V extends @Nullable Object> CompletionHandler<V, @Nullable Object> handler(
      Completer<? super V> completer) {
    return new CompleterHandler<>(completer);
  }

  // ------------------------------------------------------------------ futures as pollables

  /**
   * Waits for a stage. It was made for the one who waits: whoever gives up cancels it.
   *
   * <p>Ready with the value of the stage; at once, if it is there already. Pending until then; the
   * stage's completion wakes. Throws what the stage failed with, without the {@link
   * java.util.concurrent.CompletionException} around it; if the stage was cancelled, or failed
   * because something before it was, a {@link java.util.concurrent.CancellationException}. {@code
   * cancel()} goes on at once and cancels the stage, if it can be cancelled; what depends on it is
   * told on the loop then.
   *
   * <pre>{@code
   * Pollable<String> price =
   *     Pollables.map(Callbacks.fromStage(exchange.quote("REV")), Quote::price);
   * }</pre>
   *
   * <p>A {@code CompletableFuture} does not pass a cancel on: not to the stage that it was derived
   * from, so wait for the stage that the API has returned, and {@linkplain
   * dev.reveille.combine.Pollables#map map} its value instead of chaining {@code thenApply}; and
   * not to what completes it. If its value has to be closed, do not cancel it: {@link
   * SourceCancel#LEAVE}, and {@link CallOptions#onLateValue}.
   *
   * @param <T> the type of the value
   * @param stage what to wait for
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> fromStage(
      CompletionStage<? extends T> stage) {
    return fromStage("a stage", CallOptions.<T>defaults(), stage, SourceCancel.CANCEL);
  }

  /**
   * {@link #fromStage(CompletionStage)} with a name, options and a choice.
   *
   * @param <T> the type of the value
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param options what becomes of late values, and the like
   * @param stage what to wait for
   * @param onCancel what becomes of the stage when the one who waits gives up
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> fromStage(
      String name,
      CallOptions<? super T> options,
      CompletionStage<? extends T> stage,
      SourceCancel onCancel) {
    return call(
        name,
        options,
        FutureSources.stage(requireNonNull(stage, "stage"), requireNonNull(onCancel, "onCancel")));
  }

  /**
   * Waits for a future that has no listeners: a thread of the executor blocks in its {@code get}.
   * It was made for the one who waits: whoever gives up cancels it.
   *
   * <p>Ready with the value; at once, and without the executor, if it is there already. Pending
   * until then; the executor's thread wakes. Throws what the future failed with, without the {@link
   * java.util.concurrent.ExecutionException} around it; a {@link
   * java.util.concurrent.CancellationException} if it was cancelled, or failed because something
   * before it was; what the executor throws if it refuses; an {@code ExecutionException} if its
   * thread was interrupted by somebody else. {@code cancel()} goes on at once, cancels the future,
   * and sets the thread free. A {@code CompletableFuture} is listened to, and needs no thread.
   *
   * <p>Under {@link dev.reveille.MockTime} time does not move by itself while the thread waits.
   *
   * @param <T> the type of the value
   * @param future what to wait for
   * @param executor has a thread to spare for the whole wait; one that runs it in the calling
   *     thread blocks the loop
   * @return a new one-shot operation; it throws {@link IllegalArgumentException} if the executor is
   *     a view of the dispatcher that polls it
   */
  public static <T extends @Nullable Object> Pollable<T> fromFuture(
      Future<? extends T> future, Executor executor) {
    return fromFuture("a future", CallOptions.<T>defaults(), future, executor, SourceCancel.CANCEL);
  }

  /**
   * {@link #fromFuture(Future, Executor)} with a name, options and a choice.
   *
   * @param <T> the type of the value
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param options what becomes of late values, and the like
   * @param future what to wait for
   * @param executor has a thread to spare for the whole wait
   * @param onCancel what becomes of the future when the one who waits gives up; the thread is set
   *     free in any case
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> fromFuture(
      String name,
      CallOptions<? super T> options,
      Future<? extends T> future,
      Executor executor,
      SourceCancel onCancel) {
    return call(
        name,
        options,
        FutureSources.blocking(
            requireNonNull(future, "future"),
            requireNonNull(executor, "executor"),
            requireNonNull(onCancel, "onCancel")));
  }

  /**
   * Waits for a future that tells a listener when it is done: Guava's, Google's, one of your own.
   * It was made for the one who waits: whoever gives up cancels it.
   *
   * <pre>{@code
   * Pollable<Session> session =
   *     Callbacks.fromListenable(connecting, (f, listener) -> f.addListener(listener, Runnable::run));
   * }</pre>
   *
   * <p>Ready with the value; at once, and without a listener, if it is there already. Pending until
   * then; the listener wakes, on whatever thread it is called. Throws as {@link #fromFuture(Future,
   * Executor)}, and what adding the listener throws. {@code cancel()} goes on at once and cancels
   * the future.
   *
   * @param <T> the type of the value
   * @param <F> the type of the future
   * @param future what to wait for
   * @param addListener has the listener called when the future is done, on any thread
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object, F extends Future<? extends T>>
      Pollable<T> fromListenable(F future, BiConsumer<? super F, ? super Runnable> addListener) {
    return fromListenable(
        "a future", CallOptions.<T>defaults(), future, addListener, SourceCancel.CANCEL);
  }

  /**
   * {@link #fromListenable(Future, BiConsumer)} with a name, options and a choice.
   *
   * @param <T> the type of the value
   * @param <F> the type of the future
   * @param name what is waited for, a constant; dumps, messages and counts go by it
   * @param options what becomes of late values, and the like
   * @param future what to wait for
   * @param addListener has the listener called when the future is done, on any thread
   * @param onCancel what becomes of the future when the one who waits gives up
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object, F extends Future<? extends T>>
      Pollable<T> fromListenable(
          String name,
          CallOptions<? super T> options,
          F future,
          BiConsumer<? super F, ? super Runnable> addListener,
          SourceCancel onCancel) {
    return call(
        name,
        options,
        FutureSources.<T, F>listenable(
            requireNonNull(future, "future"),
            requireNonNull(addListener, "addListener"),
            requireNonNull(onCancel, "onCancel")));
  }

  // ------------------------------------------------------------------ multi-shot

  /**
   * Registers a callback that comes again and again, in the first poll, and streams what it brings:
   * {@link Emitter#stream(String, Overflow, Registrar)}.
   *
   * <pre>{@code
   * PollStream<Message> messages =
   *     Callbacks.stream(
   *         "messages",
   *         Overflow.buffer(1_000),
   *         emitter -> {
   *           Subscription s =
   *               topic.subscribe(emitter::next, emitter::fail, emitter::complete); // any thread
   *           return s::close; // at the end, at a failure, at a cancel
   *         });
   * }</pre>
   *
   * <p>An observer of three methods is {@code emitter::next}, {@code emitter::fail} and {@code
   * emitter::complete}; so are several handlers that are set one by one. A source that can be
   * paused, as a {@code ReadStream} of Vert.x, gets {@link Overflow#watermark}.
   *
   * @param <T> the type of the elements
   * @param name what it brings, a constant; dumps, messages and counts go by it
   * @param overflow what to do when elements come faster than they are polled for
   * @param registrar registers the callback, and returns what takes it back
   * @return a new stream
   */
  public static <T> PollStream<T> stream(String name, Overflow overflow, Registrar<T> registrar) {
    return Emitter.stream(name, overflow, registrar);
  }

  /**
   * {@link #stream(String, Overflow, Registrar)} for elements that have to be disposed of when they
   * are dropped or left: {@link Emitter#stream(String, Overflow, Consumer, Registrar)}.
   *
   * @param <T> the type of the elements
   * @param name what it brings, a constant; dumps, messages and counts go by it
   * @param overflow what to do when elements come faster than they are polled for
   * @param onDrop disposes of each element that the stream was given and does not give; on the loop
   * @param registrar registers the callback, and returns what takes it back
   * @return a new stream
   */
  public static <T> PollStream<T> stream(
      String name, Overflow overflow, Consumer<? super T> onDrop, Registrar<T> registrar) {
    return Emitter.stream(name, overflow, onDrop, registrar);
  }

  /**
   * Subscribes to a publisher without back pressure: it is asked for everything, and the overflow
   * of the stream says what is kept. For hot publishers, whose old elements are worth nothing. With
   * back pressure: {@link PollStream#from(Flow.Publisher, int)}.
   *
   * <pre>{@code
   * PollStream<Double> temperature =
   *     Callbacks.stream("temperature", Overflow.latest(), Callbacks.subscribing(sensor));
   * }</pre>
   *
   * <p>The subscription is requested from and cancelled on the loop; the stream ends and fails as
   * the publisher does.
   *
   * @param <T> the type of the elements
   * @param publisher what to subscribe to
   * @return a registrar, for one stream or several
   */
  public static <T> Registrar<T> subscribing(Flow.Publisher<? extends T> publisher) {
    requireNonNull(publisher, "publisher");
    return emitter -> {
      EmitterSubscriber<T> subscriber = new EmitterSubscriber<>(emitter);
      publisher.subscribe(subscriber);
      return subscriber;
    };
  }

  /**
   * {@link #stream(String, Overflow, Registrar)} for a legacy side that waits until an element was
   * consumed: its callback returns a stage, or is given a demander to be run. The consumer says so
   * by {@link Delivery#acknowledge}. What is dropped, or left by a cancel, is refused with a {@link
   * java.util.concurrent.CancellationException}, on the loop.
   *
   * @param <T> the type of the elements
   * @param name what it brings, a constant; dumps, messages and counts go by it
   * @param overflow what to do when elements come faster than they are polled for
   * @param registrar registers the callback, which calls {@link #nextAwaiting(Emitter, Object)} or
   *     {@link #nextAwaiting(Emitter, Object, Runnable)}
   * @return a new stream
   */
  public static <T> PollStream<Delivery<T>> deliveries(
      String name, Overflow overflow, Registrar<Delivery<T>> registrar) {
    return Emitter.stream(
        name,
        overflow,
        delivery -> delivery.refuse(new CancellationException("'" + name + "' did not deliver it")),
        registrar);
  }

  /**
   * Gives an element to a stream of {@link #deliveries}, for a callback that returns a stage, as
   * those of {@code java.net.http.WebSocket.Listener} do.
   *
   * @param <T> the type of the elements
   * @param emitter of the stream
   * @param element the element
   * @return completed with null when the element is acknowledged; with the cause when it is refused
   */
  public static <T> CompletionStage<@Nullable Void> nextAwaiting(
      Emitter<Delivery<T>> emitter, T element) {
    Delivery<T> delivery = new Delivery<>(element, null);
    emitter.next(delivery);
    return delivery.stage();
  }

  /**
   * Gives an element to a stream of {@link #deliveries}, for a callback that is given a demander
   * with each element, as the content listeners of Jetty's client are. With {@code
   * deliveries(…).map(Delivery::acknowledge)} it is run when the element is taken.
   *
   * @param <T> the type of the elements
   * @param emitter of the stream
   * @param element the element
   * @param demander asks for the next one; run when the element is acknowledged, on the thread that
   *     does it, where what it throws goes; not run if the element is refused
   * @return what became of the element
   */
  public static <T> EmitResult nextAwaiting(
      Emitter<Delivery<T>> emitter, T element, Runnable demander) {
    return emitter.next(new Delivery<>(element, requireNonNull(demander, "demander")));
  }

  /**
   * Streams what one-shot watches bring, as ZooKeeper has them, and sets them again.
   *
   * <pre>{@code
   * PollStream<String> states = Callbacks.watch("/node", Overflow.latest(), watch);
   * }</pre>
   *
   * <p>The first poll sets the watch; the first poll after it has fired sets it again, before it
   * gives an element. So a consumer that is busy is not told of each change, but it is told of the
   * last one, if the watch reads the state when it is set. Ready, Pending and woken as {@link
   * #stream(String, Overflow, Registrar)}; it wakes as well when the watch has fired. A watch that
   * cannot be set again fails the stream. {@code cancel()} withdraws the watch that is set.
   *
   * @param <T> the type of the elements
   * @param name what is watched, a constant; dumps, messages and counts go by it
   * @param overflow what to do when elements come faster than they are polled for
   * @param watch sets the watch once
   * @return a new stream
   */
  public static <T> PollStream<T> watch(String name, Overflow overflow, Watch<T> watch) {
    return new WatchStream<>(name, overflow, watch);
  }

  /**
   * Watches whether a legacy sink takes more: gRPC's {@code isReady} and {@code setOnReadyHandler},
   * Netty's writability, a servlet's {@code WriteListener}.
   *
   * @param name what is waited for, a constant; dumps and messages show it
   * @param isReady asks the sink; called on the loop, in polls
   * @param onReady hands the sink its callback, which may be called by any thread, at any time and
   *     without reason; called once, here, since a sink may take it only while it begins
   * @return to be polled
   */
  public static Readiness readiness(
      String name, BooleanSupplier isReady, Consumer<? super Runnable> onReady) {
    requireNonNull(onReady, "onReady");
    Readiness readiness = new Readiness(name, isReady);
    onReady.accept((Runnable) readiness::wake);
    return readiness;
  }

  // ------------------------------------------------------------------ and back

  /**
   * Makes a task of a pollable, and calls back once when it has ended: for code that knows only
   * callbacks.
   *
   * <pre>{@code
   * JoinHandle<Complete> lookUp =
   *     Callbacks.onComplete(
   *         dispatcher,
   *         directory.find("reveille"),
   *         (address, error) -> legacy.onFound(address, error));
   * }</pre>
   *
   * <p>The callback runs on the loop, in a turn of its own, when the task has ended: what it throws
   * goes to the dispatcher's uncaught handler. It is called exactly once, whatever happens: also if
   * the task is cancelled, or the dispatcher closed, on the thread that closes it then. If the
   * dispatcher does not take the task, the pollable is untouched and the callback gets a {@link
   * java.util.concurrent.RejectedExecutionException}: on the loop while that still runs, from a
   * closed one at once, on the calling thread, where what it throws is logged.
   *
   * <p>Each such callback is a task: code that waits for many things at a time is better off with
   * one task that owns them all.
   *
   * @param <T> the type of the value
   * @param dispatcher polls, and calls back
   * @param pollable what to wait for; the task becomes its owner
   * @param callback gets the value, the failure or the cancellation
   * @return the handle to cancel it with; its end means that the pollable has ended and the
   *     callback is queued. A failure does not show there: the callback has it
   */
  public static <T extends @Nullable Object> JoinHandle<Complete> onComplete(
      Dispatcher dispatcher,
      Pollable<? extends T> pollable,
      CompletionCallback<? super T> callback) {
    requireNonNull(callback, "callback");
    return CompletionTask.<T>spawn(
        dispatcher, pollable, (value, failure) -> Ends.<T>tell(callback, value, failure));
  }

  /**
   * {@link #onComplete(Dispatcher, Pollable, CompletionCallback)} for a lambda.
   *
   * @param <T> the type of the value
   * @param dispatcher polls, and calls back
   * @param pollable what to wait for; the task becomes its owner
   * @param callback gets the value and null, or null and the failure; a cancelled one is a {@link
   *     java.util.concurrent.CancellationException}
   * @return the handle to cancel it with
   */
  public static <T extends @Nullable Object> JoinHandle<Complete> onComplete(
      Dispatcher dispatcher,
      Pollable<? extends T> pollable,
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> callback) {
    return CompletionTask.<T>spawn(dispatcher, pollable, callback);
  }

  /**
   * Makes a task of a stream, and calls back with each element and with its end.
   *
   * <pre>{@code
   * JoinHandle<Complete> feed = Callbacks.onEach(dispatcher, prices, legacy::onPrice);
   * }</pre>
   *
   * <p>The elements are handed over on the loop, one after the other, in the polls that bring them;
   * a callback that throws is told to the dispatcher's uncaught handler, and the next element comes
   * all the same. A cancel by the callback itself counts at once: no element comes after it. The
   * end comes as that of {@link #onComplete(Dispatcher, Pollable, CompletionCallback)}, exactly
   * once.
   *
   * @param <T> the type of the elements
   * @param dispatcher polls, and calls back
   * @param stream what to take the elements from; the task becomes its owner
   * @param callback gets the elements and the end
   * @return the handle to cancel it with
   */
  public static <T> JoinHandle<Complete> onEach(
      Dispatcher dispatcher, PollStream<? extends T> stream, ElementCallback<? super T> callback) {
    requireNonNull(callback, "callback");
    return EachTask.<T>spawn(
        dispatcher, stream, callback::next, failure -> Ends.tell(callback, failure));
  }

  /**
   * {@link #onEach(Dispatcher, PollStream, ElementCallback)} for a lambda. A failure of the stream
   * goes to the dispatcher's uncaught handler.
   *
   * @param <T> the type of the elements
   * @param dispatcher polls, and calls back
   * @param stream what to take the elements from; the task becomes its owner
   * @param callback gets the elements
   * @return the handle to cancel it with
   */
  public static <T> JoinHandle<Complete> onEach(
      Dispatcher dispatcher, PollStream<? extends T> stream, Consumer<? super T> callback) {
    return EachTask.<T>spawn(
        dispatcher, stream, requireNonNull(callback, "callback"), Ends::throwFailure);
  }

  /**
   * {@link #onEach(Dispatcher, PollStream, ElementCallback)} for a source that may be polled again
   * after it was ready, such as {@code cx -> channel.pollReceive(cx)}: until it throws, or the
   * handle is cancelled. A one-shot operation fails here, in its second poll.
   *
   * @param <T> the type of the values
   * @param dispatcher polls, and calls back
   * @param source is polled again and again; the task becomes its owner
   * @param callback gets the values, which are not null, and the end
   * @return the handle to cancel it with
   */
  public static <T> JoinHandle<Complete> onEach(
      Dispatcher dispatcher, Pollable<? extends T> source, ElementCallback<? super T> callback) {
    return Callbacks.<T>onEach(dispatcher, new RepeatedPolls<T>(source), callback);
  }

  /**
   * {@link #onEach(Dispatcher, Pollable, ElementCallback)} for a lambda. A failure of the source
   * goes to the dispatcher's uncaught handler.
   *
   * @param <T> the type of the values
   * @param dispatcher polls, and calls back
   * @param source is polled again and again; the task becomes its owner
   * @param callback gets the values, which are not null
   * @return the handle to cancel it with
   */
  public static <T> JoinHandle<Complete> onEach(
      Dispatcher dispatcher, Pollable<? extends T> source, Consumer<? super T> callback) {
    return Callbacks.<T>onEach(dispatcher, new RepeatedPolls<T>(source), callback);
  }

  /**
   * Makes a task of a pollable, and a future of the task. A stream is a publisher: {@link
   * PollStream#asPublisher}.
   *
   * <pre>{@code
   * CompletableFuture<Integer> total = Callbacks.toCompletableFuture(dispatcher, sum);
   * total.orTimeout(5, TimeUnit.SECONDS).thenAcceptAsync(legacy::show, ui);
   * }</pre>
   *
   * <p>It is completed on the loop, in a turn of its own, when the task has ended: what is chained
   * to it without an executor runs there; what is chained when it is done already runs on the
   * calling thread, as always. A failure completes it as it is; a cancelled task with a {@link
   * java.util.concurrent.CancellationException}; one that the dispatcher does not take with a
   * {@link java.util.concurrent.RejectedExecutionException}. To cancel it, or to complete it in any
   * other way ({@code orTimeout}), cancels the task; so hand a {@code copy()} to those who shall
   * not. A failure that comes too late goes to the uncaught handler.
   *
   * <p>{@link JoinHandle#toCompletableFuture} is for a task that is spawned already.
   *
   * @param <T> the type of the value
   * @param dispatcher polls, and completes
   * @param pollable what to wait for; the task becomes its owner
   * @return a new future
   */
  public static <T extends @Nullable Object> CompletableFuture<T> toCompletableFuture(
      Dispatcher dispatcher, Pollable<? extends T> pollable) {
    return FutureCallback.<T>future(dispatcher, pollable, null);
  }

  /**
   * {@link #toCompletableFuture(Dispatcher, Pollable)} for values that have to be disposed of.
   *
   * @param <T> the type of the value
   * @param dispatcher polls, and completes
   * @param pollable what to wait for; the task becomes its owner
   * @param onLateValue gets a value that was there when somebody else, a time-out say, had
   *     completed the future; on the loop; not called with null
   * @return a new future
   */
  public static <T extends @Nullable Object> CompletableFuture<T> toCompletableFuture(
      Dispatcher dispatcher, Pollable<? extends T> pollable, Consumer<? super T> onLateValue) {
    return FutureCallback.<T>future(
        dispatcher, pollable, requireNonNull(onLateValue, "onLateValue"));
  }
}
