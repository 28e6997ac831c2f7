package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Who drives a loop.
 *
 * <p>Any thread may, one at a time. The role is {@link #driver}, taken by CAS from null and given
 * back in a finally. A thread can only ever find <em>itself</em> there while it drives, since
 * nobody else writes its name; so a plain read answers "am I the driver?", and everything that
 * hangs on the answer yes is plain. The CAS of the next driver reads the store by which the last
 * one left, and so sees all that the last one wrote.
 *
 * <p>The role is held for a run, or borrowed for one loop-only call while nobody runs. A loan is
 * over in less than a microsecond, so who finds the role taken waits for a moment before it calls
 * that a mistake. Who finds that the holder is closing the loop, or is a {@link MockTime} that lets
 * it run for a moment, waits for the end of that.
 */
abstract class DriverRole {
  private static final VarHandle DRIVER =
      fieldVarHandle(
          MethodHandles.lookup(), "driver", VarHandle.class, DriverRole.class, Thread.class);

  /** Most loans are over by then. */
  private static final int SPINS = 1_000;

  private static final long RECHECK_NANOS = 50_000;

  /**
   * How long a loan is waited for: well over one whose thread the system has taken off its core.
   */
  private static final int RECHECKS = 400;

  final String name;

  /** Plain read by wakers, compared with the reader itself; all else by way of DRIVER, volatile. */
  @Nullable Thread driver;

  DriverRole(String name) {
    this.name = name;
  }

  /** Whether the calling thread drives. */
  final boolean isDriver() {
    return driver == Thread.currentThread();
  }

  /** Who drives at this moment, for any thread. */
  final @Nullable Thread driverThread() {
    return (Thread) DRIVER.getVolatile(this);
  }

  /** The task whose poll is running, for messages. */
  abstract @Nullable String runningTask();

  /**
   * Whether the one who has the role is about to give it back: it closes the loop, say. Any thread.
   */
  abstract boolean isPassing();

  /** Called after the role was taken: what foreign threads left before that comes first. */
  abstract void entered();

  /** Called before the role is given back. What it returns is for {@link #left}. */
  abstract boolean leaving();

  /**
   * Called after the role was given back.
   *
   * @param unfinished what {@link #leaving} returned
   */
  abstract void left(boolean unfinished);

  /** Takes the role for a run, or throws. */
  final void enter(String operation) {
    checkNotNested(operation);
    Thread holder = take();
    if (holder != null) {
      throw Misuse.secondDriver(operation, name, holder);
    }
  }

  /** Takes the role for a run; returns false if another thread keeps it. */
  final boolean enterUnlessTaken(String operation) {
    checkNotNested(operation);
    return take() == null;
  }

  private void checkNotNested(String operation) {
    if (isDriver()) {
      throw Misuse.fromItsOwnLoop(
          operation, name, runningTask(), "the loop is running already; return Pending instead");
    }
  }

  /** Takes the role if nobody has it at this moment. */
  final boolean tryEnter() {
    boolean taken = DRIVER.compareAndSet(this, null, Thread.currentThread());
    if (taken) {
      entered();
    }
    return taken;
  }

  final void leave() {
    assert isDriver();
    boolean unfinished = leaving();
    DRIVER.setVolatile(this, null);
    left(unfinished);
  }

  /** Takes the role for one loop-only call, unless the caller has it. For {@link #giveBack}. */
  final boolean borrow(String operation) {
    if (isDriver()) {
      return false;
    }
    Thread holder = take();
    if (holder != null) {
      throw Misuse.drivenElsewhere(operation, name, holder);
    }
    return true;
  }

  final void giveBack(boolean borrowed) {
    if (borrowed) {
      leave();
    }
  }

  /** Returns null when the role was taken, else the one who keeps it. */
  @SuppressWarnings(
      "ThreadPriorityCheck") // a hint to let the borrower finish; nothing relies on it
  private @Nullable Thread take() {
    Thread me = Thread.currentThread();
    Thread holder = (Thread) DRIVER.compareAndExchange(this, null, me);
    for (int i = 0; holder != null && (i < SPINS + RECHECKS || isPassing()); i++) {
      if (i < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, RECHECK_NANOS);
      }
      holder = (Thread) DRIVER.compareAndExchange(this, null, me);
    }
    if (holder == null) {
      entered();
    }
    return holder;
  }
}
