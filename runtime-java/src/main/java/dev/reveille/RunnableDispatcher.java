package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A dispatcher that is driven by the thread that calls one of its {@code run} methods.
 *
 * <p><b>Threading.</b> Any thread may run it, one at a time; the next one may be another. A run
 * while another thread runs it, or from within its own poll or callback, throws {@link
 * IllegalStateException} naming both threads, or the task. An interrupt does not end a run: it is
 * reported once, kept out of I/O, and restored when the run returns; {@link #stop} ends a run.
 *
 * <p>A platform gives {@link #park} and {@link #wakeLoop}, and may poll I/O in both {@code park}
 * and {@link #pollEvents}.
 *
 * <p>A program with a loop of its own drives the dispatcher in between:
 *
 * <pre>{@code
 * Poll<String> level = dispatcher.runUntil(readLevel); // sleeps when there is nothing to do
 * game.load(level.value());
 * while (game.isOn()) {
 *   dispatcher.runUntilStalled(); // what is ready now; never sleeps
 *   game.drawFrame();
 * }
 * dispatcher.runToCompletion(); // what is left, to its end
 * }</pre>
 */
public abstract class RunnableDispatcher extends Dispatcher {
  /**
   * A number that no well-behaved test reaches, and that a task which wakes itself does in a
   * second.
   */
  private static final long STEP_LIMIT = 10_000_000;

  /**
   * Creates an open dispatcher.
   *
   * @param options name, clock and limits
   */
  protected RunnableDispatcher(DispatcherOptions options) {
    super(options);
  }

  /**
   * Waits for {@link #wakeLoop}, an event, or the time. On the loop. May return early for no
   * reason.
   *
   * @param nanos how long; {@link Long#MAX_VALUE} means without limit, zero or less not at all
   * @throws Exception goes to the uncaught handler; the loop goes on
   */
  protected abstract void park(long nanos) throws Exception;

  @Override
  final void parkLoop(long nanos) throws Exception {
    park(nanos);
  }

  /**
   * Runs until nothing is ready, without ever sleeping, or until ten million entries were run.
   *
   * @return {@link RunOutcome#IDLE}, {@link RunOutcome#ASLEEP}, {@link RunOutcome#STEP_LIMIT},
   *     {@link RunOutcome#STOPPED} or {@link RunOutcome#CLOSED}
   */
  public final RunOutcome runUntilStalled() {
    return runUntilStalled(STEP_LIMIT);
  }

  /**
   * Runs until nothing is ready, without ever sleeping, or until so many entries were run.
   *
   * @param stepLimit polls, callbacks and blocks together, at least 1
   * @return as {@link #runUntilStalled()}
   */
  public final RunOutcome runUntilStalled(long stepLimit) {
    if (stepLimit < 1) {
      throw new IllegalArgumentException("stepLimit must be at least 1: " + stepLimit);
    }
    return loop.run("runUntilStalled", Loop.Until.STALLED, Nanos.NEVER, stepLimit, null);
  }

  /**
   * Runs and sleeps until no work is left.
   *
   * @return {@link RunOutcome#IDLE}, {@link RunOutcome#STOPPED} or {@link RunOutcome#CLOSED}
   */
  public final RunOutcome runToCompletion() {
    return loop.run("runToCompletion", Loop.Until.NO_WORK, Nanos.NEVER, Long.MAX_VALUE, null);
  }

  /**
   * Runs and sleeps until {@link #stop}, or until the dispatcher is closed.
   *
   * @return {@link RunOutcome#STOPPED} or {@link RunOutcome#CLOSED}
   */
  public final RunOutcome run() {
    return loop.run("run", Loop.Until.STOPPED, Nanos.NEVER, Long.MAX_VALUE, null);
  }

  /**
   * Runs and sleeps for a time. At least one look at inbox, clock and timers is made, and nothing
   * is run once the time is over.
   *
   * @param duration how long, on this dispatcher's clock
   * @return {@link RunOutcome#TIME_UP}, {@link RunOutcome#STOPPED} or {@link RunOutcome#CLOSED}
   */
  public final RunOutcome runFor(Duration duration) {
    long deadline = loop.deadlineAfter(Nanos.of(requireNonNull(duration, "duration")));
    return loop.run("runFor", Loop.Until.STOPPED, deadline, Long.MAX_VALUE, null);
  }

  /**
   * Runs and sleeps until a pollable is ready, together with whatever else is on this dispatcher.
   *
   * @param <T> the type of the result
   * @param pollable what to wait for; this dispatcher becomes its owner
   * @return ready with the result; or pending if the run was stopped before, and then the pollable
   *     has been cancelled
   * @throws java.util.concurrent.CancellationException if the dispatcher was closed before
   * @throws Exception what the pollable threw
   */
  public final <T extends @Nullable Object> Poll<T> runUntil(Pollable<T> pollable)
      throws Exception {
    if (onLoop()) {
      throw Misuse.fromItsOwnLoop(
          "runUntil", name(), loop.runningTask(), "poll it, or spawn it and poll its join()");
    }
    loop.enter("runUntil");
    JoinHandle<T> handle;
    try {
      handle = spawn("runUntil", pollable);
      handle.observe(); // a failure is the caller's, not the uncaught handler's
    } catch (Throwable t) {
      loop.leave();
      throw t;
    }
    loop.runEntered(Loop.Until.STOPPED, Nanos.NEVER, Long.MAX_VALUE, handle);
    if (handle.isDone()) {
      return handle.outcome();
    }
    handle.cancel();
    while (!handle.isDone()) {
      loop.run("runUntil", Loop.Until.STOPPED, Nanos.NEVER, Long.MAX_VALUE, handle);
    }
    return Poll.pending();
  }

  /**
   * How many entries the last run took from the queue: polls, callbacks and blocks. For the thread
   * that ran it.
   *
   * @return the number
   */
  public final long lastRunSteps() {
    return loop.lastRunSteps;
  }

  /**
   * Whom the last run that ended in {@link RunOutcome#STEP_LIMIT} found still going. For the thread
   * that ran it.
   *
   * @return the task or callback that was run last, or null
   */
  public final @Nullable String stepLimitCulprit() {
    return loop.stepLimitCulprit;
  }
}
