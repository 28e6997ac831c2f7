package dev.reveille.callbacks.guava;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import dev.reveille.Dispatcher;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import dev.reveille.callbacks.Callbacks;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Guava's {@link ListenableFuture} as a pollable, and a task as a {@code ListenableFuture}.
 *
 * <pre>{@code
 * Pollable<Integer> price = GuavaFutures.pollable("price", () -> service.priceOf("tea"));
 * ListenableFuture<String> label =
 *     GuavaFutures.listenable(dispatcher, "label", Pollables.map(price, p -> "tea: " + p));
 * }</pre>
 *
 * <p><b>Threading.</b> What completes a future only stores its outcome and wakes; the poll that
 * sees it runs on the loop. <b>Memory effects.</b> What happened before a future was completed
 * happens-before the poll that is ready, and what a task did before the completion of its future.
 */
public final class GuavaFutures {
  private static final String NAME = "a ListenableFuture";

  private GuavaFutures() {}

  /**
   * A future that was begun for this pollable only.
   *
   * <p>Ready with its value once it is done. Pending until then; its completion wakes. Throws what
   * it failed with, without the {@link ExecutionException} around it, or {@link
   * java.util.concurrent.CancellationException} if it was cancelled. {@code cancel()} cancels the
   * future, without an interrupt ({@link Callbacks#fromListenable} has that choice); the future
   * runs its listeners on the loop then, unless they have executors of their own. For a future that
   * others wait for as well there is {@link #join}.
   *
   * @param <T> the type of the value
   * @param future the future
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(
      ListenableFuture<? extends T> future) {
    requireNonNull(future, "future");
    return Callbacks.call(NAME, completer -> await(future, completer, true));
  }

  /**
   * A future that is made in the first poll: the operation begins there. Else as {@link
   * #pollable(ListenableFuture)}.
   *
   * @param <T> the type of the value
   * @param name what is waited for; dumps and messages show it
   * @param start begins the operation; what it throws fails the pollable
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(
      String name, Callable<? extends ListenableFuture<? extends T>> start) {
    return Callbacks.call(name, initiator(start));
  }

  /**
   * The same with options: what to do with a value that comes too late, how to give up, a time
   * limit.
   *
   * @param <T> the type of the value
   * @param name what is waited for; dumps and messages show it
   * @param options see {@link CallOptions}
   * @param start begins the operation; what it throws fails the pollable
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(
      String name,
      CallOptions<? super T> options,
      Callable<? extends ListenableFuture<? extends T>> start) {
    return Callbacks.call(name, options, initiator(start));
  }

  /**
   * Waits for a future that others may wait for as well: as {@link #pollable(ListenableFuture)},
   * but {@code cancel()} leaves the future alone. A future can not forget a listener: one that
   * lives long keeps a few bytes for each join that was given up.
   *
   * @param <T> the type of the value
   * @param future the future
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> join(
      ListenableFuture<? extends T> future) {
    requireNonNull(future, "future");
    return Callbacks.call(NAME, completer -> await(future, completer, false));
  }

  private static <T extends @Nullable Object> Initiator<T> initiator(
      Callable<? extends ListenableFuture<? extends T>> start) {
    requireNonNull(start, "start");
    return completer -> await(start.call(), completer, true);
  }

  private static <T extends @Nullable Object> void await(
      ListenableFuture<? extends T> future, Completer<T> completer, boolean owned) {
    requireNonNull(future, "the start of an operation returned null instead of a future");
    if (owned) {
      completer.onCancel(() -> future.cancel(false));
    }
    future.addListener(() -> settle(future, completer), MoreExecutors.directExecutor());
  }

  private static <T extends @Nullable Object> void settle(
      ListenableFuture<? extends T> future, Completer<T> completer) {
    if (future.isCancelled()) {
      completer.cancelled();
      return;
    }
    T value;
    try {
      value = Futures.getDone(future);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      completer.fail(cause == null ? e : cause);
      return;
    } catch (Throwable t) { // by a future that does not keep the rules of get()
      completer.fail(t);
      return;
    }
    completer.complete(value);
  }

  /**
   * Spawns a pollable, as a future for those who know nothing of pollables.
   *
   * <p>The future is completed on the loop after the task has ended, so listeners with {@code
   * directExecutor()} run there, between polls. A task that failed fails it with what it threw; one
   * that was cancelled or refused cancels it. {@code cancel()} of the future cancels the task, with
   * or without an interrupt, of which a task knows nothing; a value that the task has at that
   * moment is dropped, a failure goes to the uncaught handler. {@code get()} on the thread of a
   * loop, or of the dispatcher's host, before the task has ended, throws {@link
   * IllegalStateException} instead of waiting for ever. The text of a future that is not done names
   * the task.
   *
   * @param <T> the type of the result
   * @param dispatcher runs the task
   * @param name the name of the task
   * @param pollable what to poll; the dispatcher becomes its owner
   * @return a new future
   */
  public static <T extends @Nullable Object> ListenableFuture<T> listenable(
      Dispatcher dispatcher, String name, Pollable<T> pollable) {
    return TaskFuture.of(dispatcher, dispatcher.spawn(name, pollable));
  }

  /**
   * {@link #listenable(Dispatcher, String, Pollable)} under the name of the pollable's class.
   *
   * @param <T> the type of the result
   * @param dispatcher runs the task
   * @param pollable what to poll; the dispatcher becomes its owner
   * @return a new future
   */
  public static <T extends @Nullable Object> ListenableFuture<T> listenable(
      Dispatcher dispatcher, Pollable<T> pollable) {
    return TaskFuture.of(dispatcher, dispatcher.spawn(pollable));
  }
}
