package dev.reveille.callbacks.netty;

import dev.reveille.Dispatcher;
import dev.reveille.DispatcherSnapshot;
import dev.reveille.UncaughtHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * Closes a dispatcher when its event loop ends.
 *
 * <p>An event loop that shuts down cancels what is scheduled without a word, and may end with
 * commands left in its queue, so a dispatcher that waits for either would never learn of it. Two
 * ways to hear:
 *
 * <ul>
 *   <li>the shutdown hook, which Netty's own event loops run on their own thread, when their queue
 *       is empty: there tasks find everything as they are used to;
 *   <li>the end of the event loop, for one that has no hooks, or did not come to run them. By then
 *       its thread is no more; the common pool does it.
 * </ul>
 *
 * <p>It is a service of the dispatcher, so that a dispatcher that is closed first is forgotten by
 * its event loop.
 */
final class LoopEnd implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callbacks");

  private final Dispatcher dispatcher;
  private final NettyHost host;
  private final UncaughtHandler handler;
  private final Runnable hook = this::end;
  private final GenericFutureListener<Future<Object>> listener = future -> ended();

  /**
   * Volatile: written before the hook is removed. A dispatcher may be closed by a drain that stands
   * in Netty's queue before the command that adds the hook; that one must not add it then.
   */
  private volatile boolean closed;

  private LoopEnd(Dispatcher dispatcher, NettyHost host, UncaughtHandler handler) {
    this.dispatcher = dispatcher;
    this.host = host;
    this.handler = handler;
  }

  static void watch(Dispatcher dispatcher, NettyHost host, UncaughtHandler handler) {
    dispatcher.service(LoopEnd.class, d -> new LoopEnd(d, host, handler)).begin();
  }

  @SuppressWarnings("unchecked") // nobody looks at the value
  private void begin() {
    if (host.loop() instanceof SingleThreadEventExecutor executor) {
      executor.execute(
          () -> {
            if (!closed) {
              executor.addShutdownHook(hook);
            }
          });
    }
    try {
      ((Future<Object>) host.loop().terminationFuture()).addListener(listener);
    } catch (UnsupportedOperationException e) {
      // That of an EmbeddedChannel: it has no end.
    }
  }

  /** On a thread of Netty's that has other things to do. */
  private void ended() {
    if (!closed) {
      var unused = CompletableFuture.runAsync(this::end); // end() does not throw
    }
  }

  /** On the event loop while it ends, or elsewhere after that. */
  private void end() {
    boolean cutOff = hasWork(dispatcher.snapshot());
    dispatcher.close();
    // One that has found out by itself has told it. After the close it asks for nothing more.
    if (cutOff && !host.hasRejected()) {
      tell();
    }
  }

  private void tell() {
    Exception failure =
        new RejectedExecutionException(
            "the event loop shut down before its dispatcher, which had work left and was closed;"
                + " close the dispatcher first: "
                + host.loop());
    try {
      handler.uncaught(dispatcher, "host of " + dispatcher, failure);
    } catch (Throwable t) { // as the loop does it, which runs no more
      failure.addSuppressed(t);
      LOGGER.log(Level.ERROR, "the uncaught handler failed on the end of " + dispatcher, failure);
    }
  }

  private static boolean hasWork(DispatcherSnapshot now) {
    return !now.life().equals("CLOSED")
        && (!now.tasks().isEmpty()
            || now.ready() > 0
            || now.timedCallbacks() > 0
            || now.guards() > 0);
  }

  @Override
  @SuppressWarnings("unchecked") // as above
  public void close() {
    closed = true;
    try {
      ((Future<Object>) host.loop().terminationFuture()).removeListener(listener);
      if (host.loop() instanceof SingleThreadEventExecutor executor) {
        executor.removeShutdownHook(hook);
      }
    } catch (UnsupportedOperationException e) {
      // as above
    } catch (RejectedExecutionException e) {
      // It has shut down meanwhile: the hook has run, or goes with the event loop.
    }
  }
}
