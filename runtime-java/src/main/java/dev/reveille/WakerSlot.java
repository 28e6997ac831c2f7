package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The cell in which an event source keeps the one task that waits for it.
 *
 * <p>The source: record the event, then {@link #wake}. The task: {@link #register}, then look for
 * the event <em>again</em>; only if it is still not there, return Pending. So no event is missed,
 * whatever the interleaving:
 *
 * <pre>{@code
 * final class Promise<T> {
 *   private final WakerSlot slot = new WakerSlot();
 *   private volatile @Nullable T value;
 *
 *   Poll<T> poll(Context cx) {
 *     T v = value;
 *     if (v == null) {
 *       slot.register(cx, "the promise");
 *       v = value; // it may have been kept in between
 *     }
 *     return v == null ? Poll.pending() : Poll.ready(v);
 *   }
 *
 *   void keep(T v) { // any thread
 *     value = v;
 *     slot.wake();
 *   }
 * }
 * }</pre>
 *
 * <p><b>One waiter.</b> A second task that registers takes the place of the first and wakes it, so
 * that it can go and wait somewhere else. If the first registers again although nothing happened in
 * between, the two would chase each other for ever; that is a bug in the program, and the
 * registration throws, naming both.
 *
 * <p><b>Threading.</b> {@code register} and {@code clear} on the loop of the task; {@code wake}
 * from any thread. <b>Memory effects.</b> Actions before {@code wake()} happen-before the poll that
 * it causes, and before what follows a {@code register()} that comes after it.
 */
public final class WakerSlot {
  private static final VarHandle WAITER =
      fieldVarHandle(
          MethodHandles.lookup(), "waiter", VarHandle.class, WakerSlot.class, Waker.class);

  /**
   * The waiter. getAndSet (volatile) in register and in wake: each pairs with the other. The task's
   * getAndSet comes before its second look at the event, the source's after its write of the event,
   * so at least one of the two sees the other's.
   */
  @SuppressWarnings("unused") // by way of WAITER
  private volatile @Nullable Waker waiter;

  /**
   * Null while nobody has lost a place since the last wake. What it refers to is guarded by this
   * slot's lock, which only evictions take, and a wake that has some to forget. The reference is
   * volatile so that other wakes need no lock.
   */
  private volatile @Nullable Evictions evictions;

  /** Creates an empty slot. */
  public WakerSlot() {}

  /**
   * Registers the running task, in place of whoever was registered. Look for the event again after
   * it.
   *
   * @param cx the context of the running poll
   * @param why what the task waits for: see {@link Context#waker}
   * @throws IllegalStateException if another task took this one's place and no wake came in between
   */
  public void register(Context cx, String why) {
    Waker waker = cx.waker(why);
    Waker before = (Waker) WAITER.getAndSet(this, waker);
    if (before == null || before == waker) {
      return;
    }
    if (before.isEnded()) {
      return; // nobody's place was taken
    }
    if (!evict(before, waker)) {
      // Give the place back, so that the other one, which did nothing wrong, is not lost; and if a
      // wake has emptied the slot since, it was meant for the other one.
      if (!WAITER.compareAndSet(this, waker, before)) {
        before.wake();
      }
      throw Evictions.livelock(why, waker, before);
    }
    before.wake();
  }

  private synchronized boolean evict(Waker before, Waker waker) {
    Evictions e = evictions;
    if (e == null) {
      e = new Evictions();
      evictions = e;
    }
    return e.evict(before, waker);
  }

  /** Wakes the waiter, if there is one, and empties the slot. Any thread. */
  public void wake() {
    Waker waker;
    if (evictions == null) {
      waker = (Waker) WAITER.getAndSet(this, null);
      if (evictions != null) { // by one whose place this wake has just emptied
        evictions = null;
      }
    } else {
      waker = takeAndForget();
    }
    if (waker != null) {
      waker.wake();
    }
  }

  /**
   * In one step for those who evict: else a task that comes back in between would be taken for one
   * that lost nothing, and the one whose place it takes would be blamed.
   */
  private synchronized @Nullable Waker takeAndForget() {
    evictions = null;
    return (Waker) WAITER.getAndSet(this, null);
  }

  /** Empties the slot without a wake: the waiter has given up. */
  public void clear() {
    WAITER.setVolatile(this, null);
  }

  /**
   * Whether somebody waits.
   *
   * @return true if a waker is registered
   */
  public boolean isRegistered() {
    return waiter != null;
  }
}
