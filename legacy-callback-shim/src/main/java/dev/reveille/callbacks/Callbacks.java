package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import dev.reveille.sync.PollStream;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
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
   *     Callbacks.fromStage(exchange.quote("REV").thenApply(Quote::price));
   * }</pre>
   *
   * <p>A {@code CompletableFuture} does not pass a cancel on to what completes it. If its value has
   * to be closed, do not cancel it: {@link SourceCancel#LEAVE}, and {@link
   * CallOptions#onLateValue}.
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
    return CompletionTask.<T>spawn(dispatcher, pollable, callback);
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
    return CompletionTask.<T>spawn(dispatcher, pollable, LambdaCallback.of(callback));
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
    return EachTask.<T>spawn(dispatcher, requireNonNull(stream, "stream"), callback);
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
        dispatcher, requireNonNull(stream, "stream"), LambdaCallback.of(callback));
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
    return EachTask.<T>spawn(
        dispatcher, new RepeatedPolls<>(requireNonNull(source, "source")), callback);
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
    return EachTask.<T>spawn(
        dispatcher,
        new RepeatedPolls<>(requireNonNull(source, "source")),
        LambdaCallback.of(callback));
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
   * other way ({@code orTimeout}), cancels the task. A failure that comes too late goes to the
   * uncaught handler.
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
