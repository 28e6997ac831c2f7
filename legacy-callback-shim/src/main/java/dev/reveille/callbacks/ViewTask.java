package dev.reveille.callbacks;

import dev.reveille.TimedPost;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One submission to a {@link DispatcherExecutorService}: the future that the caller has, and the block
 * that the loop runs.
 *
 * <p>It is in the view's set from its acceptance to its end, and whoever takes it out of there (the loop
 * that runs it, the caller that cancels it, the view that is shut down) has it to himself; so it is
 * either run, or cancelled, or handed back.
 */
final class ViewTask<V extends @Nullable Object> extends FutureTask<V>
    implements RunnableScheduledFuture<V> {
  private final DispatcherExecutorService view;
  private final long number;

  /** Nanoseconds: above zero at a fixed rate, below with a fixed delay, zero once. */
  private final long period;

  /** Written by the one who arms, before it does; read by anybody who compares or asks. */
  private volatile long deadline;

  /** Null until armed, and for what was never delayed. Volatile: cancel may come from any thread. */
  private volatile @Nullable TimedPost timed;

  ViewTask(
      DispatcherExecutorService view,
      Callable<V> callable,
      long deadline,
      long period,
      long number) {
    super(callable);
    this.view = view;
    this.deadline = deadline;
    this.period = period;
    this.number = number;
  }

  @Override
  public void run() {
    if (!view.begins(this)) {
      return; // handed back
    }
    if (period == 0) {
      super.run();
    } else if (runAndReset()) {
      deadline = period > 0 ? Deadlines.add(deadline, period) : view.after(-period);
      view.again(this);
    }
  }

  long number() {
    return number;
  }

  /** Arms the task at its deadline, unless it was cancelled meanwhile. */
  void arm() {
    TimedPost armed = view.postAt(deadline, this);
    timed = armed;
    if (isCancelled()) { // by one who did not see the timer yet
      armed.cancel();
    }
  }

  /** Takes the timer back: the task was taken out of the set by somebody else than the loop. */
  void disarm() {
    TimedPost armed = timed;
    if (armed != null) {
      armed.cancel();
    }
  }

  @Override
  protected void done() {
    if (isCancelled()) {
      disarm();
    }
    view.ended(this);
  }

  @Override
  public boolean isPeriodic() {
    return period != 0;
  }

  @Override
  public V get() throws InterruptedException, ExecutionException {
    checkMayWait();
    return super.get();
  }

  @Override
  public V get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    checkMayWait();
    return super.get(timeout, unit);
  }

  private void checkMayWait() {
    if (!isDone()) {
      view.checkOffLoop("get() of a future that is not done");
    }
  }

  @Override
  public long getDelay(TimeUnit unit) {
    return unit.convert(view.until(deadline), TimeUnit.NANOSECONDS);
  }

  @Override
  public int compareTo(Delayed other) {
    if (other == this) {
      return 0;
    }
    if (other instanceof ViewTask<?> that && that.view == view) {
      int order = Long.compare(deadline, that.deadline);
      return order != 0 ? order : Long.compare(number, that.number);
    }
    return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
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
