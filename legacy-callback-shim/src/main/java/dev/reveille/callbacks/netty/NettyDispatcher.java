package dev.reveille.callbacks.netty;

import static java.util.Objects.requireNonNull;

import dev.reveille.DispatcherOptions;
import dev.reveille.spi.HostedDispatcher;
import io.netty.channel.EventLoop;

/**
 * A dispatcher on an event loop of Netty: tasks, legacy callbacks and coroutines run on the thread
 * on which Netty calls the handlers of its channels, between two of its events. They may touch what
 * belongs to that thread without a lock.
 *
 * <pre>{@code
 * HostedDispatcher dispatcher = NettyDispatcher.on(channel.eventLoop());
 * Pollable<Void> written =
 *     NettyFutures.pollable("write", () -> channel.writeAndFlush(message));
 * JoinHandle<Complete> task =
 *     dispatcher.spawn(
 *         "send",
 *         Pollable.owning(
 *             List.of(written),
 *             cx -> {
 *               if (written.poll(cx).isPending()) {
 *                 return Poll.pending(); // the event loop goes on with its events
 *               }
 *               sent.add(message); // where the handlers of the channel may read it
 *               return Poll.ready();
 *             }));
 * }</pre>
 *
 * <p><b>One for each event loop.</b> Each call makes a new dispatcher with a queue of its own, to
 * be kept and closed by the one who asked for it. Two of them on one event loop are legal, and
 * neighbours: their tasks run on the same thread, but in two queues. A server makes one for each
 * event loop of its group and keeps them where its handlers find them.
 *
 * <p><b>The event loop</b> runs at most 256 polls and callbacks of the dispatcher in a row, then
 * what else it has to do. A burst of wakes costs it one {@code execute}; a sleep with a deadline
 * one {@code schedule}. Timers are as exact as Netty's, and never early.
 *
 * <p><b>Blocking.</b> Both sides refuse it: {@code Future.sync()} in a task throws Netty's {@code
 * BlockingOperationException}, and {@link dev.reveille.Dispatcher#blockingAwait} throws {@link
 * IllegalStateException} in a handler and in a task.
 *
 * <p><b>The end.</b> Close the dispatcher first, then shut down the event loop. One that shuts down
 * under an open dispatcher has dropped its timers by then, so the dispatcher is closed with it, on
 * the thread of the event loop: its tasks are cancelled and cleaned up. If it had work left, that
 * is told to the uncaught handler, once.
 *
 * <p>The event loop of an {@code EmbeddedChannel} will do in a test: its {@code runPendingTasks()}
 * runs the dispatcher.
 */
public final class NettyDispatcher {
  private NettyDispatcher() {}

  /**
   * Makes a dispatcher named "netty", with the {@linkplain DispatcherOptions#defaults default
   * options} otherwise.
   *
   * @param loop where it shall live
   * @return a new, open dispatcher
   * @throws java.util.concurrent.RejectedExecutionException if the event loop was shut down
   */
  public static HostedDispatcher on(EventLoop loop) {
    return on(loop, DispatcherOptions.defaults().withName("netty"));
  }

  /**
   * Makes a dispatcher.
   *
   * @param loop where it shall live
   * @param options name, clock and limits
   * @return a new, open dispatcher
   * @throws java.util.concurrent.RejectedExecutionException if the event loop was shut down
   */
  public static HostedDispatcher on(EventLoop loop, DispatcherOptions options) {
    requireNonNull(loop, "loop");
    NettyHost host = new NettyHost(loop);
    HostedDispatcher dispatcher = HostedDispatcher.on(host, options);
    try {
      LoopEnd.watch(dispatcher, host, options.uncaughtHandler());
    } catch (Throwable t) {
      dispatcher.close();
      throw t;
    }
    return dispatcher;
  }
}
