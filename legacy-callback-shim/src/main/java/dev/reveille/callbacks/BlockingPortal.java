package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Dispatcher;
import dev.reveille.Pollable;
import dev.reveille.StopSource;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The way onto the loop for code that can only block: threads of an old server, callbacks that have
 * to answer before they return.
 *
 * <p>{@link #call call} runs code on the loop and returns what it returns; {@link #await await}
 * begins an operation there and waits for its end; {@link #start start} and {@link #spawn spawn}
 * are the same without waiting. The portal knows what goes on through it: when it is closed, it
 * waits for that, and nothing can come after.
 *
 * <p>A callback that has to answer synchronously, such as a {@code HostnameVerifier} or a veto, can
 * not be made a task; but what it asks can:
 *
 * <pre>{@code
 * BlockingPortal portal = BlockingPortal.of(dispatcher);
 * server.setVeto( // called by threads of the server, which wait for the answer
 *     guest -> {
 *       try {
 *         return portal.await(() -> guests.isWelcome(guest), Duration.ofSeconds(5));
 *       } catch (Exception e) {
 *         return false; // no answer is a no
 *       }
 *     });
 * }</pre>
 *
 * That works on every thread but those of a loop, which would wait for themselves: a callback that
 * is called there has to answer out of what it knows already.
 *
 * <p><b>Failures.</b> The caller gets what the code, or the operation, has thrown, as it is: with
 * the stack of the loop, not with that of the caller, as {@link Dispatcher#blockingAwait} does it.
 *
 * <p><b>Refusals.</b> A call that never began, because the portal or its dispatcher was shut down,
 * throws {@link RejectedExecutionException}. One that had begun when the dispatcher was closed, or
 * {@link #shutdownNow} was called, is cancelled, and throws {@link CancellationException}.
 *
 * <p><b>Threading.</b> All methods may be called by any thread, a platform or a virtual one; those
 * that block throw {@link IllegalStateException} on the loop of the dispatcher, on a thread of its
 * host, and on the loop of any other dispatcher, which would stand still. <b>Memory effects.</b>
 * Actions before a call happen-before what it runs on the loop, and that happens-before its return.
 */
public final class BlockingPortal implements AutoCloseable {
  private final Dispatcher dispatcher;

  /** Any thread stops it, once: the running calls are given up. */
  private final StopSource stop = new StopSource();

  /** Guards what follows. Never held while user code runs. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition idle = lock.newCondition();
  private int running;
  private boolean closed;

  private BlockingPortal(Dispatcher dispatcher) {
    this.dispatcher = requireNonNull(dispatcher, "dispatcher");
  }

  /**
   * A new portal, with a life of its own. It holds nothing of the dispatcher: one that is dropped
   * needs no close.
   *
   * @param dispatcher the loop; somebody has to drive it
   * @return the portal
   */
  public static BlockingPortal of(Dispatcher dispatcher) {
    return new BlockingPortal(dispatcher);
  }

  // ------------------------------------------------------------------ with waiting

  /**
   * Runs code on the loop, in a turn of its own, and waits for it.
   *
   * @param <T> the type of the result
   * @param callable the code; it must not block
   * @return what it returned
   * @throws IllegalStateException on a loop
   * @throws RejectedExecutionException if it did not begin, because the portal or the dispatcher
   *     was shut down
   * @throws InterruptedException if the thread was interrupted before it began
   * @throws Exception what it threw, as it is
   */
  public <T extends @Nullable Object> T call(Callable<? extends T> callable) throws Exception {
    return through(PortalCall.<T>of(callable), null);
  }

  /**
   * {@link #call(Callable)} for a time. Code that has begun when it is over is waited for.
   *
   * @param <T> the type of the result
   * @param callable the code; it must not block
   * @param timeout how long to wait for its beginning, on the system's clock
   * @return what it returned
   * @throws TimeoutException if the time was over first; the code will not be run
   * @throws IllegalStateException on a loop
   * @throws RejectedExecutionException if it did not begin, because the portal or the dispatcher
   *     was shut down
   * @throws InterruptedException if the thread was interrupted before it began
   * @throws Exception what it threw, as it is
   */
  public <T extends @Nullable Object> T call(Callable<? extends T> callable, Duration timeout)
      throws Exception {
    return through(PortalCall.<T>of(callable), requireNonNull(timeout, "timeout"));
  }

  /**
   * Begins an operation on the loop, in a task of its own, and waits for its end.
   *
   * @param <T> the type of the result
   * @param source makes the operation, on the loop
   * @return its result
   * @throws IllegalStateException on a loop
   * @throws RejectedExecutionException if it did not begin, because the portal or the dispatcher
   *     was shut down
   * @throws CancellationException if it was cancelled because of that after it had begun
   * @throws InterruptedException if the thread was interrupted first: the operation is cancelled.
   *     If it comes while a poll is running that turns out to be the last, the result is returned
   *     and the interrupt restored
   * @throws Exception what the operation, or the source, threw, as it is
   */
  public <T extends @Nullable Object> T await(Callable<? extends Pollable<? extends T>> source)
      throws Exception {
    return through(PortalCall.<T>ofPollable(source), null);
  }

  /**
   * {@link #await(Callable)} for a time. When it is over the operation is cancelled; a poll that is
   * running at this moment is waited for, and if it turns out to be the last its result is
   * returned.
   *
   * @param <T> the type of the result
   * @param source makes the operation, on the loop
   * @param timeout how long at most, on the system's clock
   * @return its result
   * @throws TimeoutException if the time was over first
   * @throws IllegalStateException on a loop
   * @throws RejectedExecutionException if it did not begin, because the portal or the dispatcher
   *     was shut down
   * @throws CancellationException if it was cancelled because of that after it had begun
   * @throws InterruptedException if the thread was interrupted first: the operation is cancelled
   * @throws Exception what the operation, or the source, threw, as it is
   */
  public <T extends @Nullable Object> T await(
      Callable<? extends Pollable<? extends T>> source, Duration timeout) throws Exception {
    return through(PortalCall.<T>ofPollable(source), requireNonNull(timeout, "timeout"));
  }

  private <T extends @Nullable Object> T through(PortalCall<T> call, @Nullable Duration timeout)
      throws Exception {
    if (!enter()) {
      throw refused(call);
    }
    try {
      Pollable<T> body = stop.token().untilStopped(call);
      return timeout == null
          ? dispatcher.blockingAwait(body)
          : dispatcher.blockingAwait(body, timeout);
    } catch (CancellationException e) {
      if (call.hasBegun()) {
        throw e;
      }
      throw (RejectedExecutionException) refused(call).initCause(e);
    } finally {
      leave();
    }
  }

  // ------------------------------------------------------------------ without waiting

  /**
   * {@link #call(Callable)} without waiting. On the loop, too.
   *
   * @param <T> the type of the result
   * @param callable the code; it must not block
   * @return as {@link #spawn}
   */
  public <T extends @Nullable Object> CompletableFuture<T> start(Callable<? extends T> callable) {
    return begin(PortalCall.<T>of(callable));
  }

  /**
   * {@link #await(Callable)} without waiting. On the loop, too.
   *
   * @param <T> the type of the result
   * @param source makes the operation, on the loop
   * @return a future as of {@link Callbacks#toCompletableFuture(Dispatcher, Pollable)}: what is
   *     chained to it runs on the loop, and to cancel it cancels the operation. If the portal or
   *     its dispatcher is shut down it has failed with a {@link RejectedExecutionException}
   */
  public <T extends @Nullable Object> CompletableFuture<T> spawn(
      Callable<? extends Pollable<? extends T>> source) {
    return begin(PortalCall.<T>ofPollable(source));
  }

  private <T extends @Nullable Object> CompletableFuture<T> begin(PortalCall<T> call) {
    if (!enter()) {
      return CompletableFuture.failedFuture(refused(call));
    }
    CompletableFuture<T> future =
        Callbacks.toCompletableFuture(dispatcher, stop.token().untilStopped(call));
    var unused = future.whenComplete((value, failure) -> leave());
    return future;
  }

  // ------------------------------------------------------------------ life

  /**
   * Refuses calls from now on, and cancels those that are running; does not wait for them. The
   * dispatcher is left alone.
   */
  public void shutdownNow() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    stop.stop();
  }

  /**
   * Refuses calls from now on, and waits until those that are running have ended: those that block
   * have returned, the futures of the others are done. If the waiting thread is interrupted, they
   * are cancelled, as by {@link #shutdownNow}, and it goes on waiting, with its interrupt restored
   * when it returns. The dispatcher is left alone. Does nothing the second time.
   *
   * @throws IllegalStateException on a loop, or on a thread of the dispatcher's host, if calls are
   *     running: it would stand still; the portal is left open
   */
  @Override
  public void close() {
    if (!closeIfIdle()) {
      dispatcher.checkMayBlock(
          "close of a portal with calls under way", "call shutdownNow(), which does not wait");
    }
    lock.lock();
    try {
      closed = true;
      boolean interrupted = false;
      while (running > 0) {
        try {
          idle.await();
        } catch (InterruptedException e) {
          interrupted = true; // restored below
          stopUnlocked();
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean closeIfIdle() {
    lock.lock();
    try {
      closed |= running == 0;
      return running == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock, which is not held while the loop is woken. */
  private void stopUnlocked() {
    lock.unlock();
    try {
      stop.stop();
    } finally {
      lock.lock();
    }
  }

  /** Returns false if calls are refused. */
  private boolean enter() {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      running++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      running--;
      if (running == 0) {
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private RejectedExecutionException refused(PortalCall<?> call) {
    String why =
        dispatcher.isClosed()
            ? "dispatcher '" + dispatcher.name() + "' is closed"
            : dispatcher.isShutdown()
                ? "dispatcher '" + dispatcher.name() + "' is shutting down"
                : "the portal to dispatcher '" + dispatcher.name() + "' is shut down";
    return new RejectedExecutionException(call.name() + " was refused: " + why);
  }

  @Override
  public String toString() {
    return "BlockingPortal[" + dispatcher.name() + "]";
  }
}
