package dev.reveille.benchmarks.cross;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The floor: a loop by hand that does only the work in question. A stack that foreign threads push
 * to with one CAS and the loop takes whole, and a parked thread. No time, no I/O, no queue of its
 * own, no failure, no end but {@link #close}.
 */
final class FloorLoop implements Executor, AutoCloseable {
  private static final VarHandle HEAD =
      fieldVarHandle(MethodHandles.lookup(), "head", VarHandle.class, FloorLoop.class, Node.class);

  /** What can be pushed. */
  abstract static class Node implements Runnable {
    private @Nullable Node next;
  }

  private static final class Posted extends Node {
    private final Runnable runnable;

    Posted(Runnable runnable) {
      this.runnable = runnable;
    }

    @Override
    public void run() {
      runnable.run();
    }
  }

  /**
   * A callback that is the node itself: not to be woken again before it ran, which it relies on.
   */
  static final class Woken extends Node implements Sleeper {
    private final FloorLoop loop;
    private final SleepingCallback work;

    Woken(FloorLoop loop, SleepingCallback work) {
      this.loop = loop;
      this.work = work;
    }

    @Override
    public void wake() {
      loop.push(this);
    }

    @Override
    public void run() {
      work.run();
    }
  }

  /** CAS (volatile) by those who push, getAndSet (volatile) by the loop. */
  private volatile @Nullable Node head;

  /** Volatile: set before the last look at head, read after the push. */
  private volatile boolean asleep;

  private volatile boolean closed;
  private final Thread thread = new Thread(this::loop, "floor");

  FloorLoop() {
    thread.start();
  }

  @Override
  public void execute(Runnable runnable) {
    push(new Posted(runnable));
  }

  private void push(Node node) {
    Node seen;
    do {
      seen = head;
      node.next = seen;
    } while (!HEAD.compareAndSet(this, seen, node));
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  private void loop() {
    while (!closed) {
      Node node = head == null ? null : reversed((Node) HEAD.getAndSet(this, null));
      if (node == null) {
        asleep = true;
        if (head == null && !closed) {
          LockSupport.park(this);
        }
        asleep = false;
      }
      while (node != null) {
        Node following = node.next;
        node.run(); // it may be pushed again from now on
        node = following;
      }
    }
  }

  private static @Nullable Node reversed(@Nullable Node youngest) {
    Node oldest = null;
    Node node = youngest;
    while (node != null) {
      Node older = node.next;
      node.next = oldest;
      oldest = node;
      node = older;
    }
    return oldest;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
