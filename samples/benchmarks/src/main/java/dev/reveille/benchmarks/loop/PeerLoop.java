package dev.reveille.benchmarks.loop;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

/**
 * A loop of a peer: runs what it is given one after another, on a thread of its own.
 *
 * @param executor of the peer itself; for Vert.x it takes {@link LoopRunnable}s only
 * @param closing ends the thread
 */
public record PeerLoop(Executor executor, Runnable closing) implements AutoCloseable {
  /** Netty without I/O. */
  public static PeerLoop netty() {
    EventLoop loop = new DefaultEventLoop();
    return new PeerLoop(loop, loop::shutdownGracefully);
  }

  /** Netty on a {@code Selector}. */
  public static PeerLoop nettyNio() {
    return netty(NioIoHandler.newFactory());
  }

  /** Netty's own epoll: on Linux, x86-64, where the native part loads. */
  public static PeerLoop nettyEpoll() {
    Epoll.ensureAvailability();
    return netty(EpollIoHandler.newFactory());
  }

  private static PeerLoop netty(IoHandlerFactory handler) {
    MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, handler);
    return new PeerLoop(group.next(), group::shutdownGracefully);
  }

  /** {@code Context.runOnContext} of Vert.x. */
  public static PeerLoop vertx() {
    // Between runs the thread of the loop waits in the turnstile: that is no blocked thread.
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setBlockedThreadCheckIntervalUnit(TimeUnit.DAYS)
                .setBlockedThreadCheckInterval(1));
    Context context = vertx.getOrCreateContext();
    return new PeerLoop(
        runnable -> context.runOnContext((LoopRunnable) runnable),
        () -> vertx.close().toCompletionStage().toCompletableFuture().join());
  }

  /** {@code Executors.newSingleThreadExecutor()}. */
  public static PeerLoop singleThreadExecutor() {
    return of(Executors.newSingleThreadExecutor());
  }

  /** {@code ForkJoinPool(1)}, first in, first out. */
  public static PeerLoop forkJoinPool() {
    return of(
        new ForkJoinPool(
            1,
            ForkJoinPool.defaultForkJoinWorkerThreadFactory,
            /* handler= */ null,
            /* asyncMode= */ true));
  }

  private static PeerLoop of(ExecutorService executor) {
    return new PeerLoop(executor, executor::shutdownNow);
  }

  @Override
  public void close() {
    closing.run();
  }
}
