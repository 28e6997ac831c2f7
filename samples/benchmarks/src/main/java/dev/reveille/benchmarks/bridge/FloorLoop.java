package dev.reveille.benchmarks.bridge;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The floor: a loop by hand that does only the work in question. A deque for what happens on the
 * loop, a stack of callers for what another thread brings; no time, no I/O, no names, no
 * cancellation, no failure, no second completion, and no end but that of all callers.
 */
final class FloorLoop implements Executor {
  private static final VarHandle HEAD =
      fieldVarHandle(
          MethodHandles.lookup(), "head", VarHandle.class, FloorLoop.class, FloorCaller.class);

  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private final Thread thread = Thread.currentThread();

  /** CAS (volatile) by the thread that calls back, getAndSet (volatile) by the loop. */
  private volatile @Nullable FloorCaller head;

  /** Volatile: set before the last look at head, read after the push. */
  private volatile boolean asleep;

  /** Callers that have calls left, and streams that have not ended. */
  private int running;

  /** On the loop. */
  @Override
  public void execute(Runnable turn) {
    queue.add(turn);
  }

  /** On the thread that calls back. */
  void push(FloorCaller caller) {
    FloorCaller h;
    do {
      h = head;
      caller.next = h;
    } while (!HEAD.compareAndSet(this, h, caller));
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  void start(FloorCaller caller) {
    started();
    queue.add(caller);
  }

  void started() {
    running++;
  }

  void ended() {
    running--;
  }

  void run() {
    while (running > 0) {
      for (Runnable turn = queue.poll(); turn != null; turn = queue.poll()) {
        turn.run();
      }
      if (running > 0 && !takeFromOutside()) {
        asleep = true;
        if (head == null) {
          LockSupport.park(this);
        }
        asleep = false;
      }
    }
  }

  private boolean takeFromOutside() {
    FloorCaller stack = (FloorCaller) HEAD.getAndSet(this, null);
    FloorCaller first = null;
    while (stack != null) { // the first comes last
      FloorCaller following = stack.next;
      stack.next = first;
      first = stack;
      stack = following;
    }
    boolean any = first != null;
    while (first != null) {
      FloorCaller following = first.next;
      queue.add(first);
      first = following;
    }
    return any;
  }
}
