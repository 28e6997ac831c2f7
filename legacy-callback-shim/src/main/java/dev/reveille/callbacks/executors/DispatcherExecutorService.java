package dev.reveille.callbacks.executors;

import static java.util.Objects.requireNonNull;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import dev.reveille.Nanos;
import dev.reveille.TimedPost;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A dispatcher as the {@link ScheduledExecutorService} that legacy code asks for: what it is given
 * runs on the loop, in its one FIFO, on its clock.
 *
 * <pre>{@code
 * ScheduledExecutorService executor = DispatcherExecutorService.of(dispatcher);
 * Future<Integer> answer = executor.submit(() -> 42);
 * executor.scheduleAtFixedRate(() -> log.add("tick"), 1, 1, TimeUnit.SECONDS);
 * CompletableFuture.supplyAsync(() -> "supplied", executor).thenAccept(log::add);
 * }</pre>
 *
 * <p>This is a view: its {@link #shutdown} ends the view, not the loop, with a {@link
 * ShutdownPolicy}, by default that of {@link java.util.concurrent.ScheduledThreadPoolExecutor}:
 * what was delayed still runs, what is periodic ends. When the dispatcher is closed, what was not
 * run is cancelled, or handed out by {@link #shutdownNow} if it was given to {@link #execute}, and
 * the view is terminated. While the dispatcher drains, it takes only what its own work submits, and
 * what is periodic ends with its next run. What waits for its time counts as work of the
 * dispatcher.
 *
 * <p>Delays are exact on the dispatcher's clock, and what is due at the same time runs in the order
 * of submission. A delay of zero goes by way of the clock too: it comes after what is queued.
 *
 * <p>What {@link #execute} was given and throws goes to the dispatcher's uncaught handler;
 * everything else fails its future. There is one thread, so a future that is waited for on the loop
 * would wait for ever: {@code get}, {@code invokeAll}, {@code invokeAny}, {@code awaitTermination}
 * and {@code close} throw {@link IllegalStateException} there instead of blocking. What is
 * cancelled is gone at once, as with {@code setRemoveOnCancelPolicy(true)}. A task that runs is not
 * interrupted by {@code cancel(true)} or {@code shutdownNow()}: its thread is everybody's.
 *
 * <p><b>Threading.</b> All methods may be called by any thread. <b>Memory effects.</b> As {@link
 * java.util.concurrent.ExecutorService}.
 */
public final class DispatcherExecutorService extends AbstractExecutorService
    implements ScheduledExecutorService, AutoCloseable {
  private final Dispatcher dispatcher;
  private final Owner owner = new Owner();
  private final ViewLife life = new ViewLife();
  final ShutdownPolicy policy;

  private DispatcherExecutorService(Dispatcher dispatcher, ShutdownPolicy policy) {
    this.dispatcher = requireNonNull(dispatcher, "dispatcher");
    this.policy = requireNonNull(policy, "policy");
  }

  /**
   * A new view of a dispatcher, with a life of its own.
   *
   * @param dispatcher the loop; a view of a closed one is terminated
   * @return the view
   */
  public static DispatcherExecutorService of(Dispatcher dispatcher) {
    return of(dispatcher, ShutdownPolicy.defaults());
  }

  /**
   * A new view of a dispatcher, with a life of its own.
   *
   * @param dispatcher the loop; a view of a closed one is terminated
   * @param policy what becomes of delayed and periodic commands when the view is shut down
   * @return the view
   */
  public static DispatcherExecutorService of(Dispatcher dispatcher, ShutdownPolicy policy) {
    DispatcherExecutorService view = new DispatcherExecutorService(dispatcher, policy);
    Views.register(view.owner, dispatcher);
    return view;
  }

  // ------------------------------------------------------------------ submission

  /**
   * Queues a command, as {@link Dispatcher#post(Runnable)}.
   *
   * @throws RejectedExecutionException if the view is shut down, or the dispatcher takes nothing
   */
  @Override
  public void execute(Runnable command) {
    requireNonNull(command, "command");
    if (command instanceof ViewTask<?> task && task.isNewIn(this)) { // from submit, invokeAll
      Runnable turn = task.held();
      accept(task);
      post(task, turn);
    } else {
      Command entry = new Command(life, command);
      accept(entry);
      post(entry, entry);
    }
  }

  private void post(Entry entry, Runnable block) {
    try {
      dispatcher.post(owner, block);
    } catch (RejectedExecutionException e) {
      life.drop(entry);
      throw e;
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws RejectedExecutionException if the view is shut down, or the dispatcher takes nothing
   */
  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return arm(newTask(command, Executors.callable(command), after(unit.toNanos(delay)), 0));
  }

  /**
   * {@inheritDoc}
   *
   * @throws RejectedExecutionException if the view is shut down, or the dispatcher takes nothing
   */
  @Override
  public <V extends @Nullable Object> ScheduledFuture<V> schedule(
      Callable<V> callable, long delay, TimeUnit unit) {
    requireNonNull(callable, "callable");
    return arm(newTask(callable, callable, after(unit.toNanos(delay)), 0));
  }

  /**
   * {@inheritDoc} Runs that were missed are made up for, one after the other.
   *
   * @throws RejectedExecutionException if the view is shut down, or the dispatcher takes nothing
   * @throws IllegalArgumentException if the period is not above zero
   */
  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    return periodic(
        requireNonNull(command, "command"), initialDelay, atLeastOneNano(period, unit), unit);
  }

  /**
   * {@inheritDoc}
   *
   * @throws RejectedExecutionException if the view is shut down, or the dispatcher takes nothing
   * @throws IllegalArgumentException if the delay is not above zero
   */
  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    return periodic(
        requireNonNull(command, "command"), initialDelay, -atLeastOneNano(delay, unit), unit);
  }

  private ScheduledFuture<?> periodic(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    long first = after(unit.toNanos(initialDelay));
    return arm(newTask(command, Executors.callable(command), first, period));
  }

  private static long atLeastOneNano(long period, TimeUnit unit) {
    if (period <= 0) {
      throw new IllegalArgumentException("a period has to be above zero: " + period);
    }
    return unit.toNanos(period);
  }

  private <V extends @Nullable Object> ViewTask<V> newTask(
      Object command, Callable<V> callable, long deadline, long period) {
    return new ViewTask<>(this, life, command, callable, deadline, period);
  }

  private <V extends @Nullable Object> ViewTask<V> arm(ViewTask<V> task) {
    task.held();
    accept(task);
    try {
      task.arm();
    } catch (RejectedExecutionException e) {
      life.drop(task);
      throw e;
    }
    return task;
  }

  private void accept(Entry entry) {
    if (!dispatcher.onLoop()
        && dispatcher.isShutdown()) { // its adapters' blocks it would still take
      throw refused(
          entry,
          "dispatcher '"
              + dispatcher.name()
              + (dispatcher.isClosed()
                  ? "' is closed"
                  : "' is shutting down and takes commands only from the work that it still runs"));
    }
    if (!life.add(entry)) {
      throw refused(entry, "this executor of dispatcher '" + dispatcher.name() + "' is shut down");
    }
  }

  private static RejectedExecutionException refused(Entry entry, String why) {
    return new RejectedExecutionException("command '" + entry.name() + "' was refused: " + why);
  }

  @Override
  protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Runnable runnable, T value) {
    return newTask(runnable, Executors.callable(runnable, value), ViewTask.AT_ONCE, 0);
  }

  @Override
  protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Callable<T> callable) {
    return newTask(callable, callable, ViewTask.AT_ONCE, 0);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException on the loop, which would wait for itself
   */
  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks) throws InterruptedException {
    checkOffLoop("invokeAll");
    return super.invokeAll(tasks);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException on the loop, which would wait for itself
   */
  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    checkOffLoop("invokeAll");
    return super.invokeAll(tasks, timeout, unit);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException on the loop, which would wait for itself
   */
  @Override
  public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    checkOffLoop("invokeAny");
    return super.invokeAny(tasks);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException on the loop, which would wait for itself
   */
  @Override
  public <T extends @Nullable Object> T invokeAny(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    checkOffLoop("invokeAny");
    return super.invokeAny(tasks, timeout, unit);
  }

  // ------------------------------------------------------------------ life

  /**
   * Ends the view, not the loop: nothing more is accepted; what was delayed or is periodic goes on
   * or is cancelled, as the {@link ShutdownPolicy} says, and the rest still runs.
   */
  @Override
  public void shutdown() {
    life.shutDown();
  }

  /**
   * Ends the view, not the loop: nothing more is accepted, nothing that has not begun will run, and
   * what is periodic and runs now will not run again. Nothing is interrupted.
   *
   * @return what waited for its run, in the order of submission; then, of a closed dispatcher, the
   *     commands that it had not run. What was submitted or scheduled is there as its future, which
   *     is neither done nor cancelled, and may be run or cancelled by who gets it
   */
  @Override
  public List<Runnable> shutdownNow() {
    return life.shutDownNow();
  }

  /**
   * Whether this view or its dispatcher has ended.
   *
   * @return true after {@link #shutdown}, {@link #shutdownNow} or the close of the dispatcher
   */
  @Override
  public boolean isShutdown() {
    return life.isShutDown() || dispatcher.isClosed();
  }

  @Override
  public boolean isTerminated() {
    return life.isTerminated();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException on the loop, if it would have to wait
   */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    if (timeout > 0 && !isTerminated()) {
      checkOffLoop("awaitTermination");
    }
    return life.awaitTermination(timeout, unit);
  }

  /**
   * {@link #shutdown}, and waits until what still runs has run. If the waiting thread is
   * interrupted it goes on as {@link #shutdownNow}, and the interrupt is restored. Does nothing
   * more on a view that is terminated.
   *
   * @throws IllegalStateException on the loop, which would wait for itself; the view stays open
   */
  @Override
  public void close() {
    if (isTerminated()) {
      return;
    }
    checkOffLoop("close");
    shutdown();
    boolean interrupted = false;
    while (!isTerminated()) {
      try {
        life.awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        interrupted = true; // restored below: the caller was promised a view that is terminated
        shutdownNow();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ------------------------------------------------------------------ for the tasks

  boolean sharesClockWith(DispatcherExecutorService other) {
    return dispatcher.ticker() == other.dispatcher.ticker();
  }

  /** Whether a periodic task may have another run. On the loop. */
  boolean mayGoOn() {
    return !dispatcher.isShutdown();
  }

  TimedPost postAt(long deadline, Runnable task) {
    return dispatcher.postAt(deadline, owner, task);
  }

  long after(long delay) {
    return Nanos.add(dispatcher.ticker().read(), Math.max(0, delay));
  }

  long until(long deadline) {
    return Nanos.subtract(deadline, dispatcher.ticker().read());
  }

  void checkOffLoop(String what) {
    if (dispatcher.onLoop()) { // another loop may wait: it stands still, but not for itself
      throw new IllegalStateException(
          what
              + " on the loop of "
              + dispatcher
              + " would wait for itself; wait in a task instead, with a pollable");
    }
  }

  @Override
  public String toString() {
    return "DispatcherExecutorService[" + dispatcher.name() + "]";
  }

  /** Gets what the dispatcher did not run before it was closed. */
  private final class Owner extends BlockOwner implements Views.View {
    Owner() {
      super("callback");
    }

    /** After what it had was given back. */
    @Override
    public void dispatcherClosed() {
      life.shutDown();
    }

    @Override
    protected void giveBack(Runnable block) {
      if (block instanceof Command command) {
        life.giveBack(command);
      } else if (block instanceof ViewTask.Turn turn) {
        turn.task().endUnlessHandedOver();
      } else {
        throw new AssertionError("not a block of this view: " + block);
      }
    }
  }
}
