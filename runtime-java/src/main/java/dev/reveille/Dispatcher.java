package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One loop: a queue of tasks and callbacks, a clock, and the protocol by which both are woken.
 *
 * <p>Everything runs in one FIFO, in the order of acceptance: posted and spawned tasks, woken
 * tasks, legacy callbacks, coroutine segments, callbacks whose time has come. What one thread posts
 * keeps its order; between threads the order is that in which the loop took it.
 *
 * <p><b>Threading.</b> Methods may be called by any thread unless they say otherwise. The thread
 * that runs the loop at a time is its <em>driver</em>; user code of this loop runs on it only.
 * <b>Memory effects.</b> Actions in a thread before it posts, spawns or wakes happen-before what
 * the loop runs for it; what the loop runs one after the other is ordered the same way, also across
 * drivers.
 *
 * <p><b>Life.</b> OPEN; DRAINING after {@link #shutdown}, until no work is left; CLOSED. Work is:
 * tasks that have not ended, queued callbacks, armed {@linkplain #postAt timed callbacks}, and open
 * {@linkplain #workGuard guards}. A post that is accepted will run, or be handed back by {@link
 * #shutdownNow}; one that is not accepted throws {@link RejectedExecutionException}.
 *
 * <p>Platforms: {@link BasicDispatcher} parks its thread. A new one extends {@link
 * RunnableDispatcher}. This class is no {@link Executor} on purpose; {@link #asExecutor} is the
 * view that is one.
 *
 * <p>All that a loop runs, in this order:
 *
 * <pre>{@code
 * dispatcher.post(() -> log.add("a callback"));
 * dispatcher.spawn("a task", cx -> Poll.ready(log.add("a task")));
 * price.thenAcceptAsync(p -> log.add("a future: " + p), dispatcher.asExecutor());
 * dispatcher.postAfter(Duration.ofSeconds(1), () -> log.add("a second later"));
 * dispatcher.shutdown(); // takes no more from outside; all of this still runs
 * }</pre>
 */
public abstract class Dispatcher implements AutoCloseable {
  final Loop loop;
  private final Executor executor = new DispatcherExecutor(this);

  /**
   * Creates an open dispatcher that lives on a loop of somebody else. One that has a thread of its
   * own extends {@link RunnableDispatcher}; for a foreign loop there is {@code HostedDispatcher}.
   *
   * @param options name, clock and limits
   */
  protected Dispatcher(DispatcherOptions options) {
    this.loop = new Loop(this, requireNonNull(options, "options"));
  }

  // ------------------------------------------------------------------ callbacks

  /**
   * Queues a callback. What it throws goes to the uncaught handler.
   *
   * @param callback runs on the loop, once
   * @throws RejectedExecutionException if the dispatcher is closed, or draining and the caller is
   *     not its own work
   */
  public final void post(Runnable callback) {
    loop.post(null, requireNonNull(callback, "callback"), false);
  }

  /**
   * Runs a callback now if that is safe, else queues it. Safe is: on the driver thread, within a
   * poll or callback of this loop, while the dispatcher is open, not within a cancel, cleanup or
   * close, and not nested deeper than 16. What it throws goes to the uncaught handler, not through
   * the caller.
   *
   * @param callback runs on the loop, once
   * @throws RejectedExecutionException as {@link #post(Runnable)}
   */
  public final void dispatch(Runnable callback) {
    requireNonNull(callback, "callback");
    if (loop.mayRunInline()) {
      loop.runInline(callback);
    } else {
      loop.post(null, callback, false);
    }
  }

  /**
   * Queues a callback without waking the loop for it: for work that can wait until the loop is
   * awake anyway, or that a {@link #post(Runnable)} of the same thread follows. On the loop the
   * same as post.
   *
   * @param callback runs on the loop, once
   * @throws RejectedExecutionException as {@link #post(Runnable)}
   */
  public final void defer(Runnable callback) {
    loop.post(null, requireNonNull(callback, "callback"), true);
  }

  /**
   * Queues a callback at a deadline. Until then it counts as work.
   *
   * @param deadline nanoseconds of this dispatcher's {@link Ticker}; {@link Long#MAX_VALUE} means
   *     never; the past means as soon as possible, but after what is queued
   * @param callback runs on the loop, at most once
   * @return the handle to take it back with
   * @throws RejectedExecutionException as {@link #post(Runnable)}
   */
  public final TimedPost postAt(long deadline, Runnable callback) {
    return loop.postAt(deadline, null, requireNonNull(callback, "callback"));
  }

  /**
   * Queues a callback after a delay from now, where now is read from the clock. Never early.
   *
   * @param delay zero or less means as soon as possible; what does not fit a {@code long} of
   *     nanoseconds means never
   * @param callback runs on the loop, at most once
   * @return the handle to take it back with
   * @throws RejectedExecutionException as {@link #post(Runnable)}
   */
  public final TimedPost postAfter(Duration delay, Runnable callback) {
    return postAt(loop.deadlineAfter(Nanos.of(requireNonNull(delay, "delay"))), callback);
  }

  /**
   * Queues a block of an adapter, as it is and without a wrapper. Accepted also while draining,
   * from any thread: it goes on with something that began before. Not run inline.
   *
   * @param owner whose block it is; gets it back if the dispatcher is closed before it ran
   * @param block runs on the loop, once
   * @throws RejectedExecutionException if the dispatcher is closed
   */
  public final void post(BlockOwner owner, Runnable block) {
    loop.post(requireNonNull(owner, "owner").tag, requireNonNull(block, "block"), false);
  }

  /**
   * Queues a block of an adapter at a deadline: {@link #postAt(long, Runnable)} with the acceptance
   * of {@link #post(BlockOwner, Runnable)}.
   *
   * @param deadline nanoseconds of this dispatcher's {@link Ticker}
   * @param owner whose block it is; gets it back if the dispatcher is closed before it ran
   * @param block runs on the loop, at most once
   * @return the handle to take it back with
   * @throws RejectedExecutionException if the dispatcher is closed
   */
  public final TimedPost postAt(long deadline, BlockOwner owner, Runnable block) {
    return loop.postAt(
        deadline, requireNonNull(owner, "owner").tag, requireNonNull(block, "block"));
  }

  /**
   * The view of this dispatcher as an {@link Executor}: {@code execute} is {@link #post(Runnable)}.
   *
   * @return the same view each time
   */
  public final Executor asExecutor() {
    return executor;
  }

  // ------------------------------------------------------------------ tasks

  /**
   * Posts a task: it is polled on the loop until it ends. A failure goes to the uncaught handler.
   *
   * @param task a task that is not posted
   * @throws IllegalStateException if the task is posted already
   * @throws RejectedExecutionException as {@link #post(Runnable)}; the task stays unposted
   */
  public final void post(Task task) {
    Posting posting = new Posting(loop, requireNonNull(task, "task"), null);
    task.claim(posting);
    if (!loop.accept(posting)) {
      task.unclaim();
      throw loop.refuse("task", task);
    }
  }

  /**
   * Posts a task and makes its first poll now, if that is safe: see {@link #dispatch(Runnable)}.
   *
   * @param task a task that is not posted
   * @throws IllegalStateException if the task is posted already
   * @throws RejectedExecutionException as {@link #post(Runnable)}; the task stays unposted
   */
  public final void dispatch(Task task) {
    if (loop.mayRunInline()) {
      Posting posting = new Posting(loop, requireNonNull(task, "task"), null);
      task.claim(posting);
      loop.runInline(posting);
    } else {
      post(task);
    }
  }

  /**
   * {@link #dispatch(Task)} for an adapter whose tasks mostly end in that first poll: where it did,
   * and did not ask for its waker or token, the next call uses the same posting again, and so
   * allocates nothing. No other thread may know the task before this returns.
   *
   * @param owner the adapter, on whose one dispatcher this is
   * @param task a task that is not posted
   * @return false if it is not safe to poll it now: then nothing was done
   * @throws IllegalStateException if the task is posted already
   */
  public final boolean tryDispatch(BlockOwner owner, Task task) {
    requireNonNull(task, "task");
    if (!loop.mayRunInline()) {
      return false;
    }
    BlockOwner.Tag tag = owner.tag;
    Posting posting = tag.spare;
    if (posting == null || !posting.revive(loop, task)) {
      posting = new Posting(loop, task, null);
    }
    tag.spare = null; // another one may be dispatched from within the poll
    task.claim(posting);
    loop.runInline(posting);
    if (posting.isEnded()) {
      tag.spare = posting;
    }
    return true;
  }

  /**
   * Makes a task of a pollable and posts it.
   *
   * @param <T> the type of the result
   * @param pollable what to poll; this dispatcher becomes its owner
   * @return the handle to wait with; to drop it detaches the task. If the spawn was refused, for
   *     the reasons of {@link #post(Runnable)}, the handle is already cancelled and the pollable
   *     untouched
   */
  public final <T extends @Nullable Object> JoinHandle<T> spawn(Pollable<T> pollable) {
    return spawn(null, null, null, pollable);
  }

  /**
   * Makes a task of a pollable and posts it, under a name.
   *
   * @param <T> the type of the result
   * @param name the name that dumps and messages show
   * @param pollable what to poll; this dispatcher becomes its owner
   * @return as {@link #spawn(Pollable)}
   */
  public final <T extends @Nullable Object> JoinHandle<T> spawn(String name, Pollable<T> pollable) {
    return spawn(requireNonNull(name, "name"), null, null, pollable);
  }

  /**
   * Makes a task of a pollable and posts it, under a name; its stop token is a child of another
   * one.
   *
   * @param <T> the type of the result
   * @param name the name that dumps and messages show
   * @param parent with whose stop the task's {@link Context#stopToken} is stopped
   * @param pollable what to poll; this dispatcher becomes its owner
   * @return as {@link #spawn(Pollable)}
   */
  public final <T extends @Nullable Object> JoinHandle<T> spawnUnder(
      StopToken parent, String name, Pollable<T> pollable) {
    return spawn(requireNonNull(name, "name"), requireNonNull(parent, "parent"), null, pollable);
  }

  /**
   * Every spawn.
   *
   * @param joiner makes one who joins before the task can have ended: it does not have to be told
   *     of a spawn that is refused, and gets another handle than the one that is returned then
   */
  final <T extends @Nullable Object> JoinHandle<T> spawn(
      @Nullable String name,
      @Nullable StopToken parent,
      @Nullable Function<? super JoinHandle<T>, ? extends JoinHandle.Joiner> joiner,
      Pollable<T> pollable) {
    requireNonNull(pollable, "pollable");
    JoinHandle<T> handle = new JoinHandle<>(pollable, name);
    Posting posting = new Posting(loop, pollable, handle);
    handle.attach(posting);
    if (parent != null) {
      posting.stopWith(parent);
    }
    if (joiner != null) {
      handle.register(joiner.apply(handle));
    }
    Task task = pollable instanceof Task t ? t : null;
    if (task != null) {
      task.claim(posting);
    }
    if (loop.accept(posting)) {
      return handle;
    }
    if (task != null) {
      task.unclaim();
    }
    posting.release();
    String message = String.valueOf(loop.refuse("spawn of", pollable).getMessage());
    return JoinHandle.refused(pollable, name, message);
  }

  /**
   * Lets a task that is about to wake itself, so as to go on behind all that is ready, find out
   * that nothing is: then it may go on within its poll, which from here counts as the next one. For
   * adapters whose tasks yield often; it must be the loop that polls the task, and not another task
   * with children of which some may be ready.
   *
   * <p>It is refused if anything is queued or has come from another thread, if the run is to stop,
   * and after as many polls as may lie between two looks at clock, timers and I/O: so these wait no
   * longer than they would. Any thread; false if it is not in a poll of this dispatcher.
   *
   * @return true if the task may go on, with a new budget; false if it has to wake itself and to
   *     return Pending
   */
  public final boolean tryYieldInPlace() {
    return loop.tryYieldInPlace();
  }

  // ------------------------------------------------------------------ the blocking world

  /**
   * Spawns a pollable and blocks the calling thread, a platform or a virtual one, until it has
   * ended. Somebody has to drive this dispatcher meanwhile; if nobody does, it waits until somebody
   * does.
   *
   * <pre>{@code
   * String answer = dispatcher.blockingAwait(ask("a question"), Duration.ofSeconds(10));
   * }</pre>
   *
   * <p><b>Memory effects.</b> Actions of the caller happen-before the first poll, and the polls
   * happen-before the return.
   *
   * @param <T> the type of the result
   * @param pollable what to wait for; this dispatcher becomes its owner
   * @return the result
   * @throws IllegalStateException on the loop of this dispatcher, which would wait for itself, also
   *     on a thread of its host; or on the loop of another one, which would stand still; at once,
   *     and the pollable is untouched
   * @throws InterruptedException if the thread was interrupted before the result was there: the
   *     pollable is not polled any more, and cancelled, as by {@link JoinHandle#cancel}. If it
   *     comes while a poll is running that turns out to be the last, the result is returned and the
   *     interrupt restored
   * @throws java.util.concurrent.CancellationException if the task was cancelled, or refused
   *     because this dispatcher is shut down
   * @throws Exception what the pollable threw, as it is
   */
  public final <T extends @Nullable Object> T blockingAwait(Pollable<T> pollable) throws Exception {
    return BlockingAwait.await(this, pollable, null);
  }

  /**
   * {@link #blockingAwait(Pollable)} for a time. When it is over the pollable is not polled any
   * more, and cancelled, as by {@link JoinHandle#cancel}; a poll that is running at this moment is
   * waited for, and if it turns out to be the last its result is returned: what was taken is not
   * lost.
   *
   * @param <T> the type of the result
   * @param pollable what to wait for; this dispatcher becomes its owner
   * @param timeout how long at most, on the system's clock whatever this dispatcher's {@link
   *     Ticker}
   * @return the result
   * @throws java.util.concurrent.TimeoutException if the time was over first; it names the task
   * @throws IllegalStateException as above
   * @throws InterruptedException as above
   * @throws java.util.concurrent.CancellationException as above
   * @throws Exception what the pollable threw, as it is
   */
  public final <T extends @Nullable Object> T blockingAwait(Pollable<T> pollable, Duration timeout)
      throws Exception {
    return BlockingAwait.await(this, pollable, requireNonNull(timeout, "timeout"));
  }

  /**
   * Refuses a call that would block the calling thread, if that is the loop of this dispatcher, a
   * thread of its host, or the loop of another dispatcher: it would stand still, and might wait for
   * itself. For those who build something that waits; {@link #blockingAwait} asks by itself. Any
   * thread.
   *
   * @param operation what was called, for the message
   * @param instead what to do instead, for the message
   * @throws IllegalStateException on such a thread; it names the loop and the task that runs
   */
  public final void checkMayBlock(String operation, String instead) {
    BlockingAwait.checkMayBlock(this, operation, instead);
  }

  /**
   * A blocking call on another thread, as a pollable. It begins at the first poll.
   *
   * <pre>{@code
   * Pollable<List<String>> lines = dispatcher.offload(() -> Files.readAllLines(path), pool);
   * }</pre>
   *
   * <p>Ready with what the call returned. Pending until then; the worker wakes. Throws what the
   * call threw, as it is, but for an {@link InterruptedException} of the worker, which comes within
   * a {@link java.util.concurrent.ExecutionException}; {@link RejectedExecutionException} if the
   * executor refuses the call; {@link java.util.concurrent.CancellationException} if somebody takes
   * it out of the executor. {@code cancel()} interrupts the worker, or keeps the call from
   * beginning; its result is dropped then, and a failure, but for the {@code InterruptedException}
   * of that interrupt, goes to the uncaught handler, on the loop. A call that an executor drops
   * without a word, as a pool does that is shut down now, never ends: cancel its task.
   *
   * <p>Under {@link MockTime} time does not move by itself while the call is in flight. <b>Memory
   * effects.</b> Actions before the first poll happen-before the call, and the call happens-before
   * what follows a ready poll.
   *
   * @param <T> the type of the result
   * @param callable the call
   * @param executor runs it; not this dispatcher's own {@linkplain #asExecutor view}. One that runs
   *     it in the calling thread blocks the loop
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the executor is a view of this dispatcher: the call would
   *     block the loop
   */
  public final <T extends @Nullable Object> Pollable<T> offload(
      Callable<T> callable, Executor executor) {
    requireNonNull(callable, "callable");
    if (requireNonNull(executor, "executor").equals(this.executor)) {
      throw new IllegalArgumentException(
          "offload to the loop of '" + name() + "' itself would block it; give another executor");
    }
    return new OffloadedCall<>(loop, callable, executor);
  }

  // ------------------------------------------------------------------ work, life

  /**
   * Opens a guard: the dispatcher does not run out of work before it is closed.
   *
   * @return a new guard
   */
  public final WorkGuard workGuard() {
    loop.guardOpened();
    return new WorkGuard(loop);
  }

  /**
   * Makes the current run return after the current poll or, if there is none, the next run at once.
   * It drops nothing: the run after that goes on where this one ended.
   */
  public final void stop() {
    loop.attention(Loop.STOP);
  }

  /**
   * Begins the orderly end: posts from outside are refused from now on; what runs goes on, may be
   * woken, and may post, spawn and arm more. When no work is left, the driver closes the dispatcher
   * and its run returns {@link RunOutcome#CLOSED}. If nobody drives, the next run does that, or
   * {@link #close}. Does nothing the second time.
   */
  public final void shutdown() {
    loop.beginDraining();
  }

  /**
   * Closes the dispatcher now: refuses everything, cancels the tasks that were polled before and
   * cleans them up, and waits for that. If somebody drives, it is done by the driver after its
   * current poll, else by the caller. Does nothing more on a closed dispatcher.
   *
   * @return what had been accepted and never begun; to one caller only
   * @throws IllegalStateException on the loop, which would have to wait for itself
   */
  public final Unstarted shutdownNow() {
    return loop.closing.closeNow("shutdownNow");
  }

  /**
   * {@link #shutdownNow}, for those who do not want what was not begun.
   *
   * @throws IllegalStateException on the loop, which would have to wait for itself
   */
  @Override
  public final void close() {
    loop.closing.closeNow("close");
  }

  /**
   * Waits until the dispatcher is closed.
   *
   * @param timeout how long at most
   * @return false if the time was over first
   * @throws InterruptedException if the calling thread was interrupted
   * @throws IllegalStateException on the loop, which would have to wait for itself
   */
  public final boolean awaitClosed(Duration timeout) throws InterruptedException {
    return loop.closing.await(timeout);
  }

  /**
   * Whether {@link #shutdown}, {@link #shutdownNow} or {@link #close} was called.
   *
   * @return true while draining and after
   */
  public final boolean isShutdown() {
    return loop.life() != Loop.OPEN;
  }

  /**
   * Whether the dispatcher is closed: nothing runs on it any more.
   *
   * @return true at the end of its life
   */
  public final boolean isClosed() {
    return loop.life() == Loop.CLOSED;
  }

  // ------------------------------------------------------------------ the rest

  /**
   * The one instance of a service on this dispatcher, made by the factory if it is not there yet. A
   * factory may ask for other services. Those that are {@link AutoCloseable} are closed with the
   * dispatcher, after the last cleanup, youngest first; one that is made after that is not closed.
   *
   * @param <T> the type of the service
   * @param type the key
   * @param factory makes the instance, on the calling thread, under a lock of this dispatcher
   * @return the instance
   */
  public final <T> T service(Class<T> type, Function<? super Dispatcher, ? extends T> factory) {
    return loop.services.get(requireNonNull(type, "type"), requireNonNull(factory, "factory"));
  }

  /**
   * The dispatcher in whose run the calling thread is: for code that blocks, which has no business
   * there.
   *
   * @return the innermost one, or null outside all runs
   */
  public static @Nullable Dispatcher current() {
    Loop loop = Loop.onThisThread();
    return loop == null ? null : loop.dispatcher;
  }

  /**
   * Whether the calling thread drives this dispatcher now.
   *
   * @return true on the loop
   */
  public final boolean onLoop() {
    return loop.isDriver();
  }

  /**
   * The name.
   *
   * @return the name
   */
  public final String name() {
    return loop.name;
  }

  /**
   * The clock.
   *
   * @return the clock
   */
  public final Ticker ticker() {
    return loop.ticker;
  }

  /**
   * What is on this dispatcher now, without stopping it: tasks, timers, counts. Any thread, also
   * while the loop is stuck in a poll. On the loop it is exact; elsewhere it is as of some moments
   * around now.
   *
   * @return the snapshot
   */
  public final DispatcherSnapshot snapshot() {
    return DispatcherSnapshot.of(loop);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + loop.name + "]";
  }

  // ------------------------------------------------------------------ for platforms

  /**
   * Ends the sleep of the loop, or keeps the next one from beginning: a permit, as in {@link
   * java.util.concurrent.locks.LockSupport#unpark}. Called by any thread, once per sleep at most.
   * Must not block or throw. On a loop of somebody else: asks for a {@linkplain #runPending run}.
   */
  protected abstract void wakeLoop();

  /**
   * Runs what is ready, without ever sleeping: one run of a dispatcher that lives on a loop of
   * somebody else. When it returns, either the sleep of the loop is announced and {@link #wakeAt}
   * was told its end, or {@link #wakeLoop} was called, since something was left to do.
   *
   * @param stepLimit polls, callbacks and blocks to run at most, at least 1
   * @return false, and nothing was run, if another thread keeps the driver's role
   * @throws IllegalStateException on the loop
   */
  protected final boolean runPending(long stepLimit) {
    return loop.runPending(stepLimit);
  }

  /**
   * Told to a dispatcher on a loop of somebody else before the role is given back: run it at this
   * moment, if nothing else comes before. It replaces what was told before. On the loop. Does
   * nothing by default.
   *
   * @param deadline nanoseconds of the {@link Ticker}; {@link Long#MAX_VALUE} means that no time is
   *     waited for
   */
  protected void wakeAt(long deadline) {}

  /**
   * Something was armed, in a loan of the driver's role and not in a run, that is due before all
   * that was armed then: whoever has made a note of {@link #earliestTimerExpiry} looks again. On
   * the loop. Does nothing by default: who runs the dispatcher next looks at its timers anyway.
   */
  protected void newEarliestTimer() {}

  /**
   * Whether the calling thread may run user code of this dispatcher, if nobody else does at the
   * moment: for a close, or for {@link MockTime}. If not, the platform is asked for a run, and
   * waited for. Any thread.
   *
   * @return true by default; on a loop of somebody else, whether the caller is on it
   */
  protected boolean mayDriveHere() {
    return true;
  }

  /** {@link RunnableDispatcher#park}, where the loop can reach it. */
  void parkLoop(long nanos) throws Exception {
    throw new AssertionError(this + " has no thread to park");
  }

  /**
   * Polls I/O without waiting and calls the wakers of what is ready. On the loop, once a turn, but
   * not again before those that it, or the sleep, has woken were polled; and when a run ends for
   * want of work. Does nothing by default. What it throws goes to the uncaught handler.
   *
   * @throws Exception a failure of the platform
   */
  protected void pollEvents() throws Exception {}

  /**
   * Releases what the platform holds, after everything has ended. On the loop, once.
   *
   * @throws Exception goes to the uncaught handler
   */
  protected void onClosed() throws Exception {}

  /**
   * Takes the driver's role for a call that belongs on the loop, if nobody has it.
   *
   * @param operation the call, for the message
   * @return whether the role was taken; for {@link #exitLoop}
   * @throws IllegalStateException if another thread drives; the message names both
   */
  protected final boolean enterLoop(String operation) {
    return loop.borrow(operation);
  }

  /**
   * Ends a call that {@link #enterLoop} began.
   *
   * @param taken what {@code enterLoop} returned
   */
  protected final void exitLoop(boolean taken) {
    loop.giveBack(taken);
  }

  /**
   * The earliest armed deadline. On the loop.
   *
   * @return nanoseconds of the {@link Ticker}; {@link Long#MAX_VALUE} if there is none
   */
  protected final long earliestTimerExpiry() {
    assert onLoop();
    return loop.earliestDeadline();
  }

  /**
   * Fires the timers that are due at a moment. On the loop.
   *
   * @param time nanoseconds of the {@link Ticker}
   */
  protected final void awakenTimersUpTo(long time) {
    assert onLoop();
    loop.awakenTimersUpTo(time);
  }

  /**
   * Hands a failure that nobody waits for to the uncaught handler. On the loop.
   *
   * @param what where it happened
   * @param failure what was thrown
   */
  protected final void uncaught(String what, Throwable failure) {
    loop.uncaught(what, failure);
  }
}
