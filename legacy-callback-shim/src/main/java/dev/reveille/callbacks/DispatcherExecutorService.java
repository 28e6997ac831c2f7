package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import dev.reveille.TimedPost;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A dispatcher as the {@link ScheduledExecutorService} that legacy code asks for: what it is given runs
 * on the loop, in its one FIFO, on its clock.
 *
 * <pre>{@code
 * ScheduledExecutorService legacy = DispatcherExecutorService.of(dispatcher);
 * legacy.scheduleAtFixedRate(this::flush, 1, 1, TimeUnit.SECONDS);
 * }</pre>
 *
 * <p>This is a view: its {@link #shutdown} ends the view, not the loop, with the policies that {@link
 * java.util.concurrent.ScheduledThreadPoolExecutor} has by default: what was delayed still runs, what is
 * periodic ends. When the dispatcher is closed, what was not run is cancelled, or handed out by {@link
 * #shutdownNow}, and the view is terminated. What waits for its time counts as work of the dispatcher.
 *
 * <p>What {@link #execute} was given and throws goes to the dispatcher's uncaught handler; everything
 * else fails its future. There is one thread, so a future that is waited for on the loop would wait for
 * ever: {@code get}, {@code invokeAll}, {@code invokeAny}, {@code awaitTermination} and {@code close}
 * throw {@link IllegalStateException} there instead of blocking. A task that runs is not interrupted by
 * {@code cancel(true)} or {@code shutdownNow()}: its thread is everybody's.
 *
 * <p><b>Threading.</b> All methods may be called by any thread. <b>Memory effects.</b> As {@link
 * java.util.concurrent.ExecutorService}.
 */
public final class DispatcherExecutorService extends AbstractExecutorService
    implements ScheduledExecutorService {
  private final Dispatcher dispatcher;
  private final Owner owner = new Owner();
  private final AtomicLong numbers = new AtomicLong();
  private final CountDownLatch terminated = new CountDownLatch(1);

  /**
   * What was accepted and has not ended or begun for the last time. Removing an entry is claiming it.
   */
  private final Set<Runnable> accepted = ConcurrentHashMap.newKeySet();

  /** What runs now: at most one, or a few where callbacks are dispatched inline. */
  private final Set<Runnable> running = ConcurrentHashMap.newKeySet();

  /** Commands that the dispatcher gave back at its close; guarded by itself. */
  private final List<Runnable> givenBack = new ArrayList<>();

  /** Set once. Volatile: read after an entry was added, as the entries are read after it was set. */
  private volatile boolean shutdown;

  private DispatcherExecutorService(Dispatcher dispatcher) {
    this.dispatcher = requireNonNull(dispatcher, "dispatcher");
  }

  /**
   * A new view of a dispatcher, with a life of its own.
   *
   * @param dispatcher the loop
   * @return the view
   */
  public static DispatcherExecutorService of(Dispatcher dispatcher) {
    return new DispatcherExecutorService(dispatcher);
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
    Runnable entry = command instanceof ViewTask<?> task ? task : new Command(command);
    accept(entry, command);
    try {
      dispatcher.post(owner, entry);
    } catch (RejectedExecutionException e) {
      accepted.remove(entry);
      endIfDone();
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
    return schedule(Executors.callable(command), delay, unit);
  }

  /**
   * {@inheritDoc}
   *
   * @throws RejectedExecutionException if the view is shut down, or the dispatcher takes nothing
   */
  @Override
  public <V extends @Nullable Object> ScheduledFuture<V> schedule(
      Callable<V> callable, long delay, TimeUnit unit) {
    return arm(newTask(requireNonNull(callable, "callable"), after(unit.toNanos(delay)), 0));
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
    return periodic(command, initialDelay, atLeastOneNano(period, unit), unit);
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
    return periodic(command, initialDelay, -atLeastOneNano(delay, unit), unit);
  }

  private ScheduledFuture<?> periodic(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    return arm(
        newTask(Executors.callable(command), after(unit.toNanos(initialDelay)), period));
  }

  private static long atLeastOneNano(long period, TimeUnit unit) {
    if (period <= 0) {
      throw new IllegalArgumentException("a period has to be above zero: " + period);
    }
    return unit.toNanos(period);
  }

  private <V extends @Nullable Object> ViewTask<V> newTask(
      Callable<V> callable, long deadline, long period) {
    return new ViewTask<>(this, callable, deadline, period, numbers.getAndIncrement());
  }

  private <V extends @Nullable Object> ViewTask<V> arm(ViewTask<V> task) {
    accept(task, task);
    try {
      task.arm();
    } catch (RejectedExecutionException e) {
      accepted.remove(task);
      endIfDone();
      throw e;
    }
    return task;
  }

  /** Adds first and looks then, as shutdown sets first and looks then: one of the two sees the other. */
  private void accept(Runnable entry, Object named) {
    if (dispatcher.isShutdown() && !dispatcher.onLoop()) {
      throw new RejectedExecutionException(
          "'" + named + "' was refused: " + dispatcher + " is shut down");
    }
    accepted.add(entry);
    if (shutdown && accepted.remove(entry)) {
      endIfDone();
      throw new RejectedExecutionException("'" + named + "' was refused: " + this + " is shut down");
    }
  }

  @Override
  protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(
      Runnable runnable, T value) {
    return newTask(Executors.callable(runnable, value), 0, 0);
  }

  @Override
  protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Callable<T> callable) {
    return newTask(callable, 0, 0);
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

  /** Ends the view, not the loop: nothing more is accepted, periodic tasks end, the rest still runs. */
  @Override
  public void shutdown() {
    shutdown = true;
    for (Runnable entry : accepted) {
      if (entry instanceof ViewTask<?> task && task.isPeriodic()) {
        task.cancel(false);
      }
    }
    endIfDone();
  }

  /**
   * Ends the view, not the loop: nothing more is accepted, and nothing that has not begun will run.
   *
   * @return what had been accepted and never begun, in the order of acceptance as far as it is known;
   *     and what the dispatcher gave back when it was closed
   */
  @Override
  public List<Runnable> shutdownNow() {
    shutdown = true;
    List<Runnable> never = new ArrayList<>();
    for (Runnable entry : List.copyOf(accepted)) {
      if (accepted.remove(entry)) {
        if (entry instanceof ViewTask<?> task) {
          task.disarm();
        }
        never.add(entry);
      }
    }
    for (Runnable entry : running) {
      if (entry instanceof ViewTask<?> task && task.isPeriodic()) {
        task.cancel(false); // it is running, and shall not run again
      }
    }
    never.sort(Comparator.comparingLong(DispatcherExecutorService::numberOf));
    never.replaceAll(entry -> entry instanceof Command c ? c.command : entry);
    synchronized (givenBack) {
      never.addAll(givenBack);
      givenBack.clear();
    }
    endIfDone();
    return never;
  }

  private static long numberOf(Runnable entry) {
    return entry instanceof Command command
        ? command.number
        : entry instanceof ViewTask<?> task ? task.number() : 0;
  }

  @Override
  public boolean isShutdown() {
    return shutdown || dispatcher.isClosed();
  }

  @Override
  public boolean isTerminated() {
    return terminated.getCount() == 0 || dispatcher.isClosed();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException on the loop, if the view is not terminated: it would wait for itself
   */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    if (!isTerminated()) {
      checkOffLoop("awaitTermination");
    }
    return terminated.await(timeout, unit) || isTerminated();
  }

  private void endIfDone() {
    // Twice, since a periodic task goes back from the second set to the first.
    if (shutdown && accepted.isEmpty() && running.isEmpty() && accepted.isEmpty()) {
      terminated.countDown();
    }
  }

  // ------------------------------------------------------------------ for the tasks

  /** Claims an entry for a run. Returns false if somebody else has it. */
  boolean begins(Runnable entry) {
    running.add(entry); // before it leaves the other set: the view is not terminated in between
    if (accepted.remove(entry)) {
      return true;
    }
    running.remove(entry);
    return false;
  }

  /** A periodic task has run, and is to run again. */
  void again(ViewTask<?> task) {
    accepted.add(task);
    running.remove(task);
    if (shutdown || dispatcher.isShutdown()) {
      task.cancel(false);
      return;
    }
    try {
      task.arm();
    } catch (RejectedExecutionException e) {
      task.cancel(false); // closed since
    }
  }

  /** A future is done, in whatever way. */
  void ended(ViewTask<?> task) {
    accepted.remove(task);
    running.remove(task);
    endIfDone();
  }

  TimedPost postAt(long deadline, Runnable task) {
    return dispatcher.postAt(deadline, owner, task);
  }

  long after(long delay) {
    return Deadlines.add(dispatcher.ticker().read(), Math.max(0, delay));
  }

  long until(long deadline) {
    return Deadlines.subtract(deadline, dispatcher.ticker().read());
  }

  void checkOffLoop(String what) {
    if (dispatcher.onLoop()) {
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

  /** What {@link #execute} was given: it has no future, so a failure is uncaught. */
  private final class Command implements Runnable {
    private final Runnable command;
    private final long number = numbers.getAndIncrement();

    Command(Runnable command) {
      this.command = command;
    }

    @Override
    public void run() {
      if (!begins(this)) {
        return; // handed back
      }
      try {
        command.run();
      } finally {
        running.remove(this);
        endIfDone();
      }
    }

    @Override
    public String toString() {
      return command.toString();
    }
  }

  /** Gets what the dispatcher did not run before it was closed. */
  private final class Owner extends BlockOwner {
    Owner() {
      super("callback");
    }

    @Override
    protected void giveBack(Runnable block) {
      shutdown = true;
      if (block instanceof ViewTask<?> task) {
        task.cancel(false);
      } else if (block instanceof Command command && accepted.remove(command)) {
        synchronized (givenBack) {
          givenBack.add(command.command);
        }
        endIfDone();
      }
    }
  }
}
