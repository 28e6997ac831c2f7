package dev.reveille.callbacks.executors;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Names;
import dev.reveille.Nanos;
import dev.reveille.TimedPost;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One submission to a {@link DispatcherExecutorService}: the future that the caller has. The loop
 * has its {@link Turn}.
 *
 * <p>From its acceptance to its end it is an entry of the view's {@link ViewLife}, and whoever
 * takes it out of there has it to himself; so it is either run, or cancelled, or handed over.
 */
final class ViewTask<V extends @Nullable Object> extends FutureTask<V>
    implements RunnableScheduledFuture<V>, Entry {
  private static final VarHandle TIMED =
      fieldVarHandle(
          MethodHandles.lookup(), "timed", VarHandle.class, ViewTask.class, TimedPost.class);

  /** The deadline of what was never delayed. */
  static final long AT_ONCE = Long.MIN_VALUE;

  /** Who may run it. */
  private enum Holder {
    /** Whoever made it, and may have wrapped it: {@code invokeAny} does. */
    MAKER,
    /** The view, which runs it on the loop. */
    VIEW,
    /** The caller of {@code shutdownNow}. */
    CALLER
  }

  /** What the loop runs, so that {@link #run} can be left to others. */
  record Turn(ViewTask<?> task) implements Runnable {
    @Override
    public void run() {
      task.turn();
    }

    @Override
    public String toString() {
      return task.name();
    }
  }

  private final DispatcherExecutorService view;
  private final ViewLife life;
  private final Turn turn = new Turn(this);
  private final long number;

  /** What the caller gave, for messages; null after the end. Plain: a racy name is good enough. */
  private @Nullable Object command;

  /** Nanoseconds: above zero at a fixed rate, below with a fixed delay, zero once. */
  private final long period;

  /** Written by the one who arms, before it does; read by anybody who compares or asks. */
  private volatile long deadline;

  /** Volatile: written before, or read after, {@link #timed} is read, or written. */
  private volatile Holder holder = Holder.MAKER;

  /**
   * Null until armed, and for what was never delayed. Volatile: who arms writes it and then looks
   * whether the task has ended or was handed over; who ends it does it the other way round. The
   * first write is a CAS: the loop may be faster, and have armed the next run by then.
   */
  private volatile @Nullable TimedPost timed;

  ViewTask(
      DispatcherExecutorService view,
      ViewLife life,
      Object command,
      Callable<V> callable,
      long deadline,
      long period) {
    super(callable);
    this.view = view;
    this.life = life;
    this.command = command;
    this.deadline = deadline;
    this.period = period;
    this.number = life.nextNumber();
  }

  // ------------------------------------------------------------------ runs

  /** On the loop. */
  private void turn() {
    if (!life.take(this)) {
      return; // cancelled, or handed over
    }
    boolean again = false;
    try {
      if (period == 0) {
        super.run();
      } else {
        again = runAndReset();
      }
    } finally {
      if (!again) {
        life.ended();
      }
    }
    if (again) {
      putBack();
    }
  }

  private void putBack() {
    deadline = period > 0 ? Nanos.add(deadline, period) : view.after(-period);
    if (!life.putBack(this, view.policy.continueExistingPeriodicTasks()) || !view.mayGoOn()) {
      endUnlessHandedOver();
    } else if (isDone()) {
      life.drop(this); // whoever cancelled it did not find it there
    } else {
      timed = view.postAt(deadline, turn);
      disarmIfGone();
    }
  }

  /** For those who were handed it: runs it here. While the view has it, only the loop runs it. */
  @Override
  public void run() {
    if (holder != Holder.VIEW) {
      super.run();
    }
  }

  // ------------------------------------------------------------------ for the view

  /** Whether this is what {@code newTaskFor} made for a view, and nobody has queued it yet. */
  boolean isNewIn(DispatcherExecutorService some) {
    return view == some && holder == Holder.MAKER;
  }

  /** The view has accepted it. */
  Turn held() {
    holder = Holder.VIEW;
    return turn;
  }

  /** Arms it for the first time. */
  void arm() {
    TIMED.compareAndSet(this, null, view.postAt(deadline, turn));
    disarmIfGone();
  }

  private void disarmIfGone() {
    if (isDone() || holder == Holder.CALLER) {
      disarm();
    }
  }

  private void disarm() {
    TimedPost armed = timed;
    if (armed != null) {
      armed.cancel();
    }
  }

  @Override
  public void viewShutDown() {
    boolean stays =
        isPeriodic()
            ? view.policy.continueExistingPeriodicTasks()
            : view.policy.executeExistingDelayedTasks() || getDelay(TimeUnit.NANOSECONDS) <= 0;
    if (!stays) {
      endUnlessHandedOver();
    }
  }

  /** It will not run. One that runs ends otherwise; one that was handed over is somebody else's. */
  void endUnlessHandedOver() {
    if (life.take(this)) {
      cancel(false); // first, so that the futures of a view that is terminated are done
      life.ended();
    }
  }

  @Override
  public Runnable handOver() {
    holder = Holder.CALLER;
    disarm();
    return this;
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public String name() {
    Object c = command;
    return c == null ? "(ended)" : Names.of(c);
  }

  // ------------------------------------------------------------------ the future

  /** Its thread is everybody's, and is not interrupted. */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return super.cancel(false);
  }

  @Override
  protected void done() {
    command = null;
    if (isCancelled()) {
      disarm();
    }
    life.drop(this);
  }

  @Override
  public boolean isPeriodic() {
    return period != 0;
  }

  @Override
  public V get() throws InterruptedException, ExecutionException {
    if (!isDone()) {
      view.checkOffLoop("get() of a future that is not done");
    }
    return super.get();
  }

  @Override
  public V get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (timeout > 0 && !isDone()) {
      view.checkOffLoop("get() of a future that is not done");
    }
    return super.get(timeout, unit);
  }

  @Override
  public long getDelay(TimeUnit unit) {
    long when = deadline;
    return when == AT_ONCE ? 0 : unit.convert(view.until(when), TimeUnit.NANOSECONDS);
  }

  @Override
  public int compareTo(Delayed other) {
    if (other == this) {
      return 0;
    }
    if (other instanceof ViewTask<?> that && that.view.sharesClockWith(view)) {
      int order = Long.compare(deadline, that.deadline);
      return order != 0 || that.view != view ? order : Long.compare(number, that.number);
    }
    return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
  }

  @Override
  public String toString() {
    return "ViewTask[" + name() + (isCancelled() ? ", cancelled]" : isDone() ? ", done]" : "]");
  }

  // Identity, whatever compareTo says: the set of the view is one of objects.
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
