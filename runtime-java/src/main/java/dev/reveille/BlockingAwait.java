package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * {@link Dispatcher#blockingAwait}: a thread that parks until a task has ended, and the body of
 * that task.
 *
 * <p>A thread whose time is over must not leave a value behind that the task has just taken, from a
 * channel, say. So it and the polls agree by one word:
 *
 * <pre>
 *            poll                 Ready, or threw
 *   IDLE ----------> POLLING ----------------------> DONE: the outcome is the caller's
 *    | ^  Pending    |     |                          ^
 *    | +-------------+     | the time is over         |
 *    |                     v                          |
 *    |                  LEAVING ----------------------+
 *    |                     | Pending
 *    | the time is over    v
 *    +---------------> GIVEN_UP: not polled any more, and cancelled in a turn of its own
 * </pre>
 *
 * While it is LEAVING the thread waits for the end of that one poll, which by its contract does not
 * block; from IDLE it leaves at once, whether anybody drives or not.
 *
 * <p>A {@link Task} is spawned as it is, so that it can be posted again; it takes nothing for the
 * thread, and stays IDLE here.
 */
final class BlockingAwait<T extends @Nullable Object> extends Operation<T>
    implements JoinHandle.Joiner {
  private static final VarHandle STATE =
      fieldVarHandle(
          MethodHandles.lookup(), "state", VarHandle.class, BlockingAwait.class, int.class);

  private static final int IDLE = 0;
  private static final int POLLING = 1;
  private static final int LEAVING = 2;
  private static final int GIVEN_UP = 3;
  private static final int DONE = 4;

  private final Thread thread = Thread.currentThread();
  private final Pollable<T> inner;

  /** CAS and set (volatile) by the thread and by the loop; each pairs with the other's. */
  private volatile int state = IDLE;

  private BlockingAwait(Pollable<T> inner) {
    super(Names.of(inner));
    this.inner = inner;
  }

  static <T extends @Nullable Object> T await(
      Dispatcher dispatcher, Pollable<T> pollable, @Nullable Duration timeout) throws Exception {
    requireNonNull(pollable, "pollable");
    checkMayBlock(
        dispatcher, "blockingAwait", "poll the pollable, or spawn it and poll its join()");
    BlockingAwait<T> await = new BlockingAwait<>(pollable);
    Pollable<T> body = pollable instanceof Task ? pollable : await;
    JoinHandle<T> handle = dispatcher.spawn(await.name(), null, unused -> await, body);
    return await.await(handle, timeout);
  }

  /** {@link Dispatcher#checkMayBlock}. */
  static void checkMayBlock(Dispatcher dispatcher, String operation, String instead) {
    Loop loop = dispatcher.loop.isDriver() ? dispatcher.loop : Loop.onThisThread();
    if (loop == null && dispatcher.loop.isHosted() && !dispatcher.isClosed()) {
      loop = dispatcher.mayDriveHere() ? dispatcher.loop : null; // an event of the host's own
    }
    if (loop != null) {
      throw Misuse.fromItsOwnLoop(
          operation, loop.name, loop.runningTask(), "it would stand still; " + instead);
    }
  }

  // ------------------------------------------------------------------ on the thread

  private T await(JoinHandle<T> handle, @Nullable Duration timeout) throws Exception {
    long start = timeout == null ? 0 : System.nanoTime();
    long nanos = timeout == null ? 0 : Nanos.of(timeout);
    boolean staying = false; // the outcome is on its way, and is waited for
    boolean interrupted = false;
    while (!handle.isDone()) {
      long left = timeout == null ? Long.MAX_VALUE : nanos - (System.nanoTime() - start);
      if (left <= 0 && !staying) {
        staying = !giveUp(handle);
        if (!staying) {
          restore(interrupted);
          throw new TimeoutException(
              "'" + name() + "' was not done within " + Duration.ofNanos(nanos));
        }
      } else if (timeout == null || staying) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, left);
      }
      if (Thread.interrupted()) {
        staying = staying || !giveUp(handle);
        if (!staying) {
          throw new InterruptedException("interrupted while it waited for '" + name() + "'");
        }
        interrupted = true;
      }
    }
    restore(interrupted);
    return handle.outcome().value();
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns false if the task has an outcome, which will be there in a moment. */
  private boolean giveUp(JoinHandle<T> handle) {
    boolean interrupted = false;
    int s = state;
    while (s != DONE && s != GIVEN_UP) {
      if (s == IDLE) {
        STATE.compareAndSet(this, IDLE, GIVEN_UP);
      } else if (s == LEAVING || STATE.compareAndSet(this, POLLING, LEAVING)) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted(); // else it would not park
      }
      s = state;
    }
    restore(interrupted);
    if (s == DONE) {
      return false;
    }
    handle.cancel();
    handle.unregister(this);
    return !handle.isDone() || handle.isCancelled();
  }

  // ------------------------------------------------------------------ on the loop

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    if (!STATE.compareAndSet(this, IDLE, POLLING)) {
      return cx.park(); // given up: the request to cancel is on its way
    }
    boolean pending = false;
    try {
      Poll<T> poll = cx.pollChild(inner);
      pending = poll.isPending();
      return poll;
    } finally {
      if (!pending) {
        state = DONE;
      } else if (!STATE.compareAndSet(this, POLLING, IDLE)) {
        state = GIVEN_UP;
      }
      if (state != IDLE) {
        LockSupport.unpark(thread);
      }
    }
  }

  @Override
  protected void doCancel() {
    inner.cancel();
  }

  /** The end of the task, on the loop. */
  @Override
  public void wake() {
    LockSupport.unpark(thread);
  }
}
