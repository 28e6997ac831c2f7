package dev.reveille.callbacks.netty;

import static java.util.Objects.requireNonNull;

import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import dev.reveille.callbacks.Callbacks;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.Promise;
import java.lang.ref.WeakReference;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Netty's {@link Future} as a pollable, and a task as a Netty future.
 *
 * <pre>{@code
 * Pollable<Channel> connected =
 *     NettyFutures.channel("connect", () -> bootstrap.connect(address));
 * Pollable<Void> written =
 *     Pollables.then(
 *         connected,
 *         channel -> NettyFutures.pollable("write", () -> channel.writeAndFlush(message)));
 * }</pre>
 *
 * <p><b>Threading.</b> A listener on the executor of the future only stores the outcome and wakes;
 * the poll that sees it runs on the loop, whichever loop that is. A future that is done in the
 * first poll needs no listener. An executor that is shut down calls no listeners any more, which
 * Netty logs; a time limit in the options is the remedy. <b>Memory effects.</b> What happened
 * before a future was completed happens-before the poll that is ready, and what a task did before
 * the completion of its future.
 */
public final class NettyFutures {
  private static final String NAME = "a future of Netty";

  private NettyFutures() {}

  // ------------------------------------------------------------------ futures to pollables

  /**
   * A future that was begun for this pollable only.
   *
   * <p>Ready with its value, of a {@code ChannelFuture} null, once it is done. Pending until then;
   * its completion wakes. Throws its cause as it is, or {@link CancellationException} if it was
   * cancelled. {@code cancel()} cancels the future, which does as much as the operation allows: one
   * that is {@linkplain Promise#setUncancellable uncancellable} goes on, and its value is late. For
   * a future that others wait for as well there is {@link #join}.
   *
   * @param <T> the type of the value
   * @param future the future
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(Future<? extends T> future) {
    requireNonNull(future, "future");
    return Callbacks.call(NAME, completer -> await(future, completer));
  }

  /**
   * A future that is made in the first poll: the operation begins there. Else as {@link
   * #pollable(Future)}.
   *
   * @param <T> the type of the value
   * @param name what is waited for; dumps and messages show it
   * @param start begins the operation; what it throws fails the pollable
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(
      String name, Callable<? extends Future<? extends T>> start) {
    return Callbacks.call(name, initiator(start));
  }

  /**
   * The same with options: what to do with a value that comes too late ({@link #releaseLateValues},
   * say), how to give up, a time limit.
   *
   * @param <T> the type of the value
   * @param name what is waited for; dumps and messages show it
   * @param options see {@link CallOptions}
   * @param start begins the operation; what it throws fails the pollable
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> pollable(
      String name, CallOptions<? super T> options, Callable<? extends Future<? extends T>> start) {
    return Callbacks.call(name, options, initiator(start));
  }

  /**
   * Waits for a future that others may wait for as well, {@code channel.closeFuture()} say: as
   * {@link #pollable(Future)}, but {@code cancel()} leaves the future alone and takes its listener
   * back. The future is not held: one that everybody else has dropped, and that nobody can complete
   * any more, fails this with {@link dev.reveille.callback.LostCallbackException}.
   *
   * @param <T> the type of the value
   * @param future the future
   * @return a new one-shot operation
   */
  public static <T extends @Nullable Object> Pollable<T> join(Future<T> future) {
    requireNonNull(future, "future");
    return Callbacks.call(
        NAME,
        completer -> {
          if (future.isDone()) {
            settle(future, completer);
            return;
          }
          Join<T> join = new Join<>(future, completer);
          completer.onCancel(join.forgotten());
          future.addListener(join);
        });
  }

  /** The listener of a {@link #join}. The future holds it, and it is held by nobody else. */
  private static final class Join<T extends @Nullable Object>
      implements GenericFutureListener<Future<T>> {
    private final Future<T> future;
    private final Completer<T> completer;

    Join(Future<T> future, Completer<T> completer) {
      this.future = future;
      this.completer = completer;
    }

    @Override
    public void operationComplete(Future<T> done) {
      settle(done, completer);
    }

    /** Takes it back; weakly, so that a future that everybody else has dropped is found lost. */
    Runnable forgotten() {
      WeakReference<Join<T>> self = new WeakReference<>(this);
      return () -> {
        Join<T> join = self.get();
        if (join != null) {
          join.future.removeListener(join);
        }
      };
    }
  }

  /**
   * An operation that makes a channel, a connect or a bind: begins in the first poll.
   *
   * <p>Ready with the channel when the operation has succeeded. Pending until then; its completion
   * wakes. Throws its cause. {@code cancel()} cancels the operation; a channel that is made all the
   * same is closed, and so is one that was made and not polled for yet.
   *
   * @param name what is waited for; dumps and messages show it
   * @param start begins the operation; what it throws fails the pollable
   * @return a new one-shot operation
   */
  public static Pollable<Channel> channel(String name, Callable<? extends ChannelFuture> start) {
    requireNonNull(start, "start");
    return Callbacks.call(
        name,
        CallOptions.<Channel>defaults().onLateValue(NettyFutures::close),
        completer -> {
          ChannelFuture future = start.call();
          requireNonNull(future, NO_FUTURE);
          if (future.isDone()) {
            settleChannel(future, completer);
            return;
          }
          completer.onCancel(() -> future.cancel(false));
          future.addListener(done -> settleChannel(future, completer));
        });
  }

  private static void settleChannel(ChannelFuture done, Completer<Channel> completer) {
    if (done.isSuccess()) {
      completer.complete(done.channel());
    } else {
      fail(done, completer);
    }
  }

  /**
   * Options for values that are reference-counted: one that nobody takes any more is {@linkplain
   * ReferenceCountUtil#release released}, others are dropped. Only for futures that nobody else
   * takes the value of.
   *
   * @param <T> the type of the value
   * @return the options
   */
  public static <T extends @Nullable Object> CallOptions<T> releaseLateValues() {
    return CallOptions.<T>defaults().onLateValue(ReferenceCountUtil::release);
  }

  private static final String NO_FUTURE =
      "the start of an operation returned null instead of a future";

  private static <T extends @Nullable Object> Initiator<T> initiator(
      Callable<? extends Future<? extends T>> start) {
    requireNonNull(start, "start");
    return completer -> await(start.call(), completer);
  }

  private static <T extends @Nullable Object, V extends T> void await(
      Future<V> future, Completer<T> completer) {
    requireNonNull(future, NO_FUTURE);
    if (future.isDone()) { // its executor may have shut down, and call no listener any more
      settle(future, completer);
      return;
    }
    completer.onCancel(() -> future.cancel(false));
    GenericFutureListener<Future<V>> listener = done -> settle(done, completer);
    future.addListener(listener);
  }

  private static <T extends @Nullable Object> void settle(
      Future<? extends T> done, Completer<T> completer) {
    if (done.isSuccess()) {
      completer.complete(done.getNow());
    } else {
      fail(done, completer);
    }
  }

  private static void close(Channel late) {
    var unused = late.close(); // nobody waits for that either
  }

  private static void fail(Future<?> done, Completer<?> completer) {
    Throwable cause = done.cause();
    if (done.isCancelled() || cause == null) {
      completer.cancelled();
    } else {
      completer.fail(cause);
    }
  }

  // ------------------------------------------------------------------ tasks to futures

  /**
   * Spawns a pollable, as a future of Netty.
   *
   * <p>The future is completed after the task has ended; its listeners are called by its executor.
   * A task that failed fails it with what it threw; one that was cancelled or refused cancels it.
   * {@code cancel()} of the future cancels the task; a value that the task has at that moment is
   * dropped, a failure goes to the uncaught handler.
   *
   * @param <T> the type of the result
   * @param dispatcher runs the task
   * @param name the name of the task
   * @param pollable what to poll; the dispatcher becomes its owner
   * @param executor calls the listeners: the event loop of the channel in question, mostly
   * @return a new future
   */
  public static <T extends @Nullable Object> Future<T> promise(
      Dispatcher dispatcher, String name, Pollable<T> pollable, EventExecutor executor) {
    Promise<T> promise = executor.newPromise();
    complete(dispatcher, name, pollable, promise);
    return promise;
  }

  /**
   * Spawns a pollable, and completes a promise with what becomes of the task: for the {@code
   * ChannelPromise} that a handler was given. As {@link #promise}, but that a promise that is
   * uncancellable is failed with the {@link CancellationException} of a task that was cancelled. A
   * promise that is done already cancels the task only if it was cancelled.
   *
   * @param <T> the type of the result
   * @param dispatcher runs the task
   * @param name the name of the task
   * @param pollable what to poll; the dispatcher becomes its owner
   * @param promise what to complete
   * @throws IllegalArgumentException if it is a void promise, which tells nobody anything
   */
  public static <T extends @Nullable Object> void complete(
      Dispatcher dispatcher, String name, Pollable<T> pollable, Promise<T> promise) {
    requireNonNull(promise, "promise");
    if (promise instanceof ChannelPromise channelPromise && channelPromise.isVoid()) {
      throw new IllegalArgumentException(
          "a void promise can not be completed with task '"
              + name
              + "'; give channel.newPromise()");
    }
    JoinHandle<T> handle = dispatcher.spawn(name, pollable);
    // By the task's own future, which lets a failure after a cancel go to the uncaught handler.
    CompletableFuture<T> task = handle.toCompletableFuture();
    GenericFutureListener<Future<T>> canceller =
        done -> {
          if (done.isCancelled()) {
            task.cancel(false);
          }
        };
    promise.addListener(canceller);
    var unused = task.whenComplete((value, failure) -> ended(promise, value, failure));
  }

  @SuppressWarnings("NullAway") // without a failure there is a value, which is null if T may be
  private static <T extends @Nullable Object> void ended(
      Promise<T> promise, @Nullable T value, @Nullable Throwable failure) {
    if (failure == null) {
      promise.trySuccess(value);
    } else if (!(failure instanceof CancellationException) || !promise.cancel(false)) {
      promise.tryFailure(failure);
    }
  }
}
