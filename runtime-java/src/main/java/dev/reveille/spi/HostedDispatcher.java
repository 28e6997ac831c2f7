package dev.reveille.spi;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Dispatcher;
import dev.reveille.DispatcherOptions;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A dispatcher that lives on a loop owned by somebody else: see {@link Host}. It has everything
 * that a dispatcher has but the {@code run} methods; it begins to run by itself with the first
 * post.
 *
 * <pre>{@code
 * var pool = Executors.newScheduledThreadPool(3);
 * try (var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool))) {
 *   JoinHandle<String> task = dispatcher.spawn("a task", cx -> Poll.ready("run by the pool"));
 *   return task.toCompletableFuture().get();
 * } finally {
 *   pool.shutdown();
 * }
 * }</pre>
 *
 * <p><b>The host</b> goes on as if nothing were: a drain runs 256 entries at most and then queues
 * the next one behind what else the host has to do. {@code stop()} ends the current drain, or else
 * the next, and what is left is run by the one after it.
 *
 * <p><b>Close.</b> {@code close()} and {@code shutdownNow()} are carried out on the host, and
 * waited for: called by a thread of the host that the host does not {@linkplain Host#inHost
 * recognise} they may wait for that very thread. A host that rejects a drain is gone: that is
 * reported once to the uncaught handler, and the dispatcher is closed, on the rejected thread if it
 * has just run a drain, else by the common pool, so that each task still comes to its end. The same
 * happens to a host that runs a drain within {@link Host#execute}; on one that does so from the
 * beginning no dispatcher is made.
 *
 * <p><b>Mock time.</b> With a {@link dev.reveille.MockTime} the host is asked for drains as always,
 * but not for wake-ups: time comes from the test.
 */
public final class HostedDispatcher extends Dispatcher {
  /*
   *            wakeLoop, wake-up                 the host runs it
   *   IDLE ------------------------> QUEUED ----------------------> RUNNING --+--> IDLE
   *     |                              ^                              |       |
   *     |  the host's wake-up          |   what came in meanwhile     v       |
   *     +------- RUNNING               +---------------------------- AGAIN <--+
   *
   *   GONE: the host rejected a drain, or ran one inline. Final.
   *
   * QUEUED: exactly one call of Host.execute is out. Who changes IDLE or AGAIN to QUEUED makes it; all
   * others leave it at that, and what they pushed before is seen by the drain: its CAS to RUNNING comes
   * after their look at the word. All accesses are volatile.
   */
  private static final int IDLE = 0;
  private static final int QUEUED = 1;
  private static final int RUNNING = 2;
  private static final int AGAIN = 3;
  private static final int GONE = 4;

  /**
   * Polls and callbacks in one drain: some microseconds to some milliseconds of the host's time,
   * and enough that the hand-over is a small part of it.
   */
  private static final int ENTRIES_PER_DRAIN = 256;

  private static final VarHandle STATE =
      fieldVarHandle(
          MethodHandles.lookup(), "state", VarHandle.class, HostedDispatcher.class, int.class);

  private final Host host;
  private final Runnable drain = this::drain;
  private final Runnable wakeup = this::wakeup;

  /** Of several who find the host gone, one tells and closes. */
  private final AtomicBoolean goneTold = new AtomicBoolean();

  /** See above. */
  private volatile int state;

  /**
   * Who is inside {@link Host#execute} or wakeAfter. Volatile: compared by drains with themselves.
   */
  private volatile @Nullable Thread submitter;

  /** What {@link #wakeAt} asked for last; guarded by the driver's role. */
  private long wakeupAt = Long.MAX_VALUE;

  /**
   * The wake-up has come, perhaps too early: the same one has to be asked for again. Volatile:
   * written before the look at the state, so that it is seen by the drain that this one finds
   * running, or by the one that it asks for.
   */
  private volatile boolean wokenUp;

  private HostedDispatcher(Host host, DispatcherOptions options) {
    super(options);
    this.host = requireNonNull(host, "host");
  }

  /**
   * Makes a dispatcher with the {@linkplain DispatcherOptions#defaults default options}.
   *
   * @param host where it shall live
   * @return a new, open dispatcher
   * @throws IllegalArgumentException if the host runs what it is given at once
   * @throws RejectedExecutionException if the host takes nothing
   */
  public static HostedDispatcher on(Host host) {
    return on(host, DispatcherOptions.defaults());
  }

  /**
   * Makes a dispatcher.
   *
   * @param host where it shall live
   * @param options name, clock and limits
   * @return a new, open dispatcher
   * @throws IllegalArgumentException if the host runs what it is given at once
   * @throws RejectedExecutionException if the host takes nothing
   */
  public static HostedDispatcher on(Host host, DispatcherOptions options) {
    HostedDispatcher dispatcher = new HostedDispatcher(host, options);
    dispatcher.probe();
    return dispatcher;
  }

  /** The first drain, which finds nothing to do, shows whether the host queues. */
  private void probe() {
    state = QUEUED;
    boolean queues = false;
    try {
      execute();
      queues = state != GONE;
    } finally {
      if (!queues) {
        state = GONE;
        close();
      }
    }
    if (!queues) {
      throw new IllegalArgumentException(inline().getMessage());
    }
  }

  // ------------------------------------------------------------------ drains

  @Override
  protected void wakeLoop() {
    for (; ; ) {
      int s = state;
      if (s == IDLE) {
        if (STATE.compareAndSet(this, IDLE, QUEUED)) {
          submit(false);
          return;
        }
      } else if (s != RUNNING || STATE.compareAndSet(this, RUNNING, AGAIN)) {
        return;
      }
    }
  }

  private void drain() {
    if (submitter == Thread.currentThread()) {
      state = GONE; // told by the one who called execute
    } else if (STATE.compareAndSet(this, QUEUED, RUNNING)) {
      run();
    }
  }

  /** The host's time is over. If a drain is queued or running, it will see to what is due. */
  private void wakeup() {
    if (submitter == Thread.currentThread()) {
      state = GONE; // told by the one who called wakeAfter
      return;
    }
    wokenUp = true;
    if (STATE.compareAndSet(this, IDLE, RUNNING)) {
      run();
    } else {
      wakeLoop();
    }
  }

  private void run() {
    boolean ran = false;
    try {
      ran = runPending(ENTRIES_PER_DRAIN);
    } catch (Throwable t) { // not by user code: that was told before
      uncaught("drain of " + this, t);
    }
    if (!ran) {
      STATE.compareAndSet(this, RUNNING, AGAIN);
    }
    if (!STATE.compareAndSet(this, RUNNING, IDLE) && STATE.compareAndSet(this, AGAIN, QUEUED)) {
      submit(true);
    }
  }

  /** Asks the host for a drain; the state is QUEUED. */
  private void submit(boolean onHost) {
    try {
      execute();
    } catch (Throwable t) { // RejectedExecutionException, or whatever a broken host throws
      gone(t, onHost);
      return;
    }
    if (state == GONE) {
      gone(inline(), onHost);
    }
  }

  private void execute() {
    Thread me = Thread.currentThread();
    submitter = me;
    try {
      host.execute(drain);
    } finally {
      if (submitter == me) { // another one may be in it already, for the next drain
        submitter = null;
      }
    }
  }

  private IllegalStateException inline() {
    return new IllegalStateException(
        "the host of "
            + this
            + " runs what it is given before execute() returns; a host has to queue it: "
            + host);
  }

  // ------------------------------------------------------------------ wake-ups

  @Override
  protected void wakeAt(long deadline) {
    assert onLoop();
    if (deadline == wakeupAt && !wokenUp) {
      return;
    }
    wakeupAt = deadline;
    wokenUp = false;
    submitter = Thread.currentThread();
    try {
      host.wakeAfter(nanosUntil(deadline), wakeup);
    } catch (Throwable t) {
      gone(t, false);
      return;
    } finally {
      submitter = null;
    }
    if (state == GONE) {
      gone(inline(), false);
    }
  }

  private long nanosUntil(long deadline) {
    if (deadline == Long.MAX_VALUE) {
      return deadline;
    }
    long now = ticker().read();
    long nanos = deadline - now;
    return deadline <= now
        ? 1
        : nanos > 0 ? nanos : Long.MAX_VALUE - 1; // one that overflows is far
  }

  // ------------------------------------------------------------------ the end

  /**
   * The host is no more. What was accepted has to be ended all the same, by somebody; but not
   * within the wake of a foreign thread, nor with the driver's role in hand.
   */
  private void gone(Throwable cause, boolean closeHere) {
    state = GONE;
    if (goneTold.compareAndSet(false, true)) {
      if (closeHere) {
        end(cause);
      } else {
        var unused = CompletableFuture.runAsync(() -> end(cause)); // end() does not throw
      }
    }
  }

  private void end(Throwable cause) {
    uncaught("host of " + this, cause);
    close();
  }

  @Override
  protected boolean mayDriveHere() {
    return state == GONE || host.inHost();
  }
}
