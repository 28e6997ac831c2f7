package dev.reveille.callbacks.netty;

import dev.reveille.spi.Host;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event loop of Netty as a {@link Host}.
 *
 * <p>When it shuts down, an event loop runs what is in its queue until that is empty, without a
 * limit. A dispatcher that always has something ready, whose drains ask for the next one, would
 * keep it from ever ending. So the first drain that asks for another one after that is refused: the
 * dispatcher is closed then, by the thread of the event loop, which has just run the drain.
 * Requests from elsewhere are accepted as long as the event loop accepts any.
 */
final class NettyHost implements Host {
  private final EventLoop loop;

  /**
   * Who is inside a drain. Plain: each thread compares it with itself, and finds itself there only
   * if it has written it itself.
   */
  private @Nullable Thread draining;

  /** The last drain, wrapped; it is always the same one, so a race costs one more object. */
  private @Nullable Drain drain;

  /** Volatile: written before the dispatcher learns of it. */
  private volatile boolean rejected;

  /** By one thread at a time: see {@link Host#wakeAfter}. */
  private @Nullable Future<?> wakeup;

  NettyHost(EventLoop loop) {
    this.loop = loop;
  }

  EventLoop loop() {
    return loop;
  }

  /** Whether the dispatcher was refused, and so has told that its host is gone. */
  boolean hasRejected() {
    return rejected;
  }

  @Override
  public void execute(Runnable runnable) {
    if (draining == Thread.currentThread() && loop.isShuttingDown()) {
      rejected = true;
      throw new RejectedExecutionException("the event loop shuts down: " + loop);
    }
    Drain d = drain;
    if (d == null || d.runnable != runnable) {
      d = new Drain(runnable);
      drain = d;
    }
    try {
      loop.execute(d);
    } catch (RejectedExecutionException e) {
      rejected = true;
      throw e;
    }
  }

  @Override
  public void wakeAfter(long nanos, Runnable runnable) {
    Future<?> before = wakeup;
    wakeup = null;
    if (before != null) {
      before.cancel(false);
    }
    if (nanos != Long.MAX_VALUE) {
      try {
        wakeup = loop.schedule(new Drain(runnable), nanos, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        rejected = true;
        throw e;
      }
    }
  }

  @Override
  public boolean inHost() {
    return loop.inEventLoop() || loop.isTerminated(); // then it has no thread, and any one will do
  }

  @Override
  public String toString() {
    return "NettyHost[" + loop + "]";
  }

  private final class Drain implements Runnable {
    final Runnable runnable;

    Drain(Runnable runnable) {
      this.runnable = runnable;
    }

    @Override
    public void run() {
      Thread me = Thread.currentThread();
      draining = me;
      try {
        runnable.run();
      } finally {
        if (draining == me) {
          draining = null;
        }
      }
    }
  }
}
