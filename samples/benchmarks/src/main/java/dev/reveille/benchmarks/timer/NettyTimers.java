package dev.reveille.benchmarks.timer;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code schedule} of Netty's event loop with {@code NioIoHandler}, on the loop. */
final class NettyTimers implements Timers {
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private @Nullable ScheduledFuture<?> moved;
  private long armed;

  @Override
  public void use(Runnable work) throws InterruptedException {
    loop.submit(work).sync();
  }

  @Override
  public void arm(long delayNanos) {
    armed += schedule(delayNanos).isDone() ? 0 : 1;
  }

  @Override
  public void armAndCancel(long delayNanos) {
    schedule(delayNanos).cancel(false);
  }

  @Override
  public void rearm(long delayNanos) {
    if (moved != null) {
      moved.cancel(false);
    }
    moved = schedule(delayNanos);
  }

  private ScheduledFuture<?> schedule(long delayNanos) {
    return loop.schedule(() -> {}, delayNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public long armed() {
    return -1;
  }

  @Override
  public void fire(Expiries expiries) throws InterruptedException {
    loop.execute(
        () -> {
          for (int i = 0; i < expiries.count(); i++) {
            Expiry expiry = expiries.get(i);
            armed += loop.schedule(expiry, expiry.delay(), TimeUnit.NANOSECONDS).isDone() ? 0 : 1;
          }
        });
    expiries.awaitAll();
  }

  @Override
  public void close() {
    group.shutdownGracefully();
  }
}
