package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The unit that a dispatcher schedules, like a cooperatively scheduled thread: a state machine that
 * {@link #doPoll} moves on.
 *
 * <p>A task is either posted to a dispatcher or polled by a parent, not both at once. Once ended it
 * may be posted again; each stay begins with {@link #init} and ends with {@link #cleanup}.
 *
 * <pre>{@code
 * final class Countdown extends Task {
 *   private final Timer timer;
 *   private int left;
 *
 *   Countdown(Dispatcher dispatcher) {
 *     super("countdown");
 *     timer = new Timer(dispatcher);
 *   }
 *
 *   @Override
 *   protected void init() {
 *     left = 3;
 *     timer.reset(Duration.ofSeconds(1));
 *   }
 *
 *   @Override
 *   protected Poll<Complete> doPoll(Context cx) {
 *     while (timer.poll(cx).isReady()) {
 *       left--;
 *       if (left == 0) {
 *         return Poll.ready();
 *       }
 *       timer.reset(Duration.ofSeconds(1));
 *     }
 *     return Poll.pending(); // the timer has arranged the wake
 *   }
 *
 *   @Override
 *   protected void cleanup() {
 *     timer.cancel();
 *   }
 * }
 * }</pre>
 *
 * <p><b>Threading.</b> {@code init}, {@code doPoll} and {@code cleanup} run on the loop, one after
 * the other, each seeing what the one before wrote, also when the dispatcher changes its driver
 * thread.
 */
public abstract class Task implements Pollable<Complete> {
  private static final VarHandle POLLED_BY =
      fieldVarHandle(MethodHandles.lookup(), "polledBy", VarHandle.class, Task.class, Object.class);

  /** A parent has polled it to its end. */
  private static final Object DONE = new Object();

  private final @Nullable String name;

  /**
   * In one field, since there are many tasks: the {@link Posting}, during a stay on a dispatcher;
   * the {@link Loop} of a parent's polls, from the first one on, where nothing is to run inline in
   * the cleanup; {@link #DONE} after the last one; else null.
   *
   * <p>Left by CAS (volatile) while it is null or DONE, from any thread that posts, or by the first
   * poll of a parent. Set by whoever polls in all other cases (volatile): the CAS of the next post
   * reads the null or DONE of the driver after cleanup, so the next stay sees what the last one
   * wrote.
   */
  private volatile @Nullable Object polledBy;

  /** Creates a task that is named after its class. */
  protected Task() {
    this.name = null;
  }

  /**
   * Creates a task.
   *
   * @param name the name that dumps and messages show
   */
  protected Task(String name) {
    this.name = requireNonNull(name, "name");
  }

  /**
   * Makes as much progress as it can, under the contract of {@link Pollable#poll}. An exception
   * ends the task.
   *
   * @param cx the context of this poll
   * @return ready when the task is complete, else pending
   * @throws Exception the failure of the task
   */
  protected abstract Poll<Complete> doPoll(Context cx) throws Exception;

  /**
   * Called once before the first poll of each stay, on the loop.
   *
   * @throws Exception the failure of the task: it is not polled, and {@link #cleanup} follows
   */
  protected void init() throws Exception {}

  /**
   * Called exactly once at the end of each stay that began, on the loop, whether it completed,
   * failed or was cancelled, before those who joined are woken. A task that was cancelled before
   * its first poll is cleaned up too; one that {@code shutdownNow()} hands back is not. What it
   * throws goes to the uncaught handler (of a posted task) or to the parent. The task can not be
   * posted from here.
   *
   * @throws Exception a failure to release something
   */
  protected void cleanup() throws Exception {}

  /**
   * Polls this task as the child of another one.
   *
   * @throws IllegalStateException if the task is posted to a dispatcher, or polled again after its
   *     end
   */
  @Override
  public final Poll<Complete> poll(Context cx) throws Exception {
    Object by = polledBy;
    if (by instanceof Posting) { // its dispatcher calls doPoll
      throw isPostedToo();
    }
    if (by == DONE) {
      throw new IllegalStateException("task '" + name() + "' polled again after its end");
    }
    return pollAsChild(cx, by);
  }

  private IllegalStateException isPostedToo() {
    return new IllegalStateException(
        "task '" + name() + "' is posted: its dispatcher polls it, and nobody else");
  }

  private Poll<Complete> pollAsChild(Context cx, @Nullable Object by) throws Exception {
    Poll<Complete> poll;
    try {
      Loop l = cx.dispatcher().loop;
      if (by == null) {
        if (!POLLED_BY.compareAndSet(this, null, l)) {
          throw isPostedToo();
        }
        init();
      } else if (by != l) { // the parent has moved
        polledBy = l;
      }
      poll = doPoll(cx);
      if (poll == null) { // by code that is not null-checked
        throw Misuse.nullPoll(name());
      }
    } catch (Throwable t) {
      try {
        endAsChild();
      } catch (Throwable second) {
        if (second != t) {
          t.addSuppressed(second);
        }
      }
      throw t;
    }
    if (poll.isReady()) {
      endAsChild();
    }
    return poll;
  }

  /** Once: it may have been given up in its own poll. */
  private void endAsChild() throws Exception {
    if (!(polledBy instanceof Loop l)) {
      return;
    }
    boolean borrowed = l.borrow("cancel of task '" + name() + "'");
    try {
      polledBy = DONE;
      l.forbid(1);
      try {
        cleanup();
      } finally {
        l.forbid(-1);
      }
    } finally {
      l.giveBack(borrowed);
    }
  }

  /**
   * Of a posted task: asks its loop to end it in a turn of its own, from any thread, as {@link
   * JoinHandle#cancel} does; a result that was there first wins. Of a task that a parent polls: the
   * parent gives it up, on the loop, and {@link #cleanup} runs at once if the task was begun and
   * has not ended. Of a task that is neither: nothing.
   */
  @Override
  public final void cancel() {
    Object by = polledBy;
    if (by instanceof Posting posting) {
      posting.requestCancel();
    } else if (by instanceof Loop) {
      try {
        endAsChild();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("cleanup of task '" + name() + "' failed", e);
      }
    }
  }

  /**
   * The name that dumps and messages show.
   *
   * @return the name, by default that of the class
   */
  public final String name() {
    String n = name;
    if (n == null) {
      String simple = getClass().getSimpleName();
      return simple.isEmpty() ? getClass().getName() : simple;
    }
    return n;
  }

  /**
   * Whether the task is on a dispatcher. Any thread.
   *
   * @return true from an accepted post until its end
   */
  public final boolean isPosted() {
    return polledBy instanceof Posting;
  }

  /** Any thread. Claims the task for a new posting, or throws. */
  final void claim(Posting p) {
    if (!POLLED_BY.compareAndSet(this, null, p) && !POLLED_BY.compareAndSet(this, DONE, p)) {
      throw polledBy instanceof Loop
          ? new IllegalStateException(
              "task '" + name() + "' is polled by a parent; it can not be posted as well")
          : Misuse.alreadyPosted(this);
    }
  }

  /** The posting has ended or was refused or handed back: the task may be posted again. */
  final void unclaim() {
    polledBy = null;
  }

  @Override
  public String toString() {
    return name();
  }
}
