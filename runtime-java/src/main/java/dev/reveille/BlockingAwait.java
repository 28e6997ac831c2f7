package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** {@link Dispatcher#blockingAwait}: a thread that parks until a task has ended. */
final class BlockingAwait<T extends @Nullable Object> implements JoinHandle.Joiner {
  private final Thread thread = Thread.currentThread();
  private final Pollable<T> pollable;
  private final JoinHandle<T> handle;

  private BlockingAwait(Dispatcher dispatcher, Pollable<T> pollable) {
    this.pollable = pollable;
    this.handle = dispatcher.spawn(null, null, unused -> this, pollable);
  }

  static <T extends @Nullable Object> BlockingAwait<T> of(
      Dispatcher dispatcher, Pollable<T> pollable) {
    requireNonNull(pollable, "pollable");
    checkOffLoops(dispatcher);
    return new BlockingAwait<>(dispatcher, pollable);
  }

  private static void checkOffLoops(Dispatcher dispatcher) {
    Loop loop = dispatcher.loop.isDriver() ? dispatcher.loop : Loop.onThisThread();
    if (loop != null) {
      throw Misuse.fromItsOwnLoop(
          "blockingAwait",
          loop.name,
          loop.runningTask(),
          "it would stand still; poll the pollable, or spawn it and poll its join()");
    }
  }

  @Override
  public void wake() {
    LockSupport.unpark(thread);
  }

  T await() throws Exception {
    while (!handle.isDone()) {
      LockSupport.park(this);
      if (Thread.interrupted()) {
        throwUnlessDone(interrupted());
      }
    }
    return handle.outcome().value();
  }

  T await(long nanos) throws Exception {
    long start = System.nanoTime();
    while (!handle.isDone()) {
      long left = nanos - (System.nanoTime() - start);
      if (left <= 0) {
        throwUnlessDone(
            new TimeoutException(
                "'"
                    + Misuse.describe(pollable)
                    + "' was not done within "
                    + Duration.ofNanos(nanos)));
      } else {
        LockSupport.parkNanos(this, left);
        if (Thread.interrupted()) {
          throwUnlessDone(interrupted());
        }
      }
    }
    return handle.outcome().value();
  }

  private InterruptedException interrupted() {
    return new InterruptedException(
        "interrupted while it waited for '" + Misuse.describe(pollable) + "'");
  }

  /** Gives the task up, unless its end has come first: that wins, and an interrupt is restored. */
  private void throwUnlessDone(Exception reason) throws Exception {
    handle.cancel();
    handle.unregister(this);
    if (!handle.isDone() || handle.isCancelled()) {
      throw reason;
    }
    if (reason instanceof InterruptedException) {
      thread.interrupt();
    }
  }
}
