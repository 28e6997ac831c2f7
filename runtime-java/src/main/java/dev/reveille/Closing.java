package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The end of a dispatcher.
 *
 * <pre>
 *   OPEN ----- shutdown() ----> DRAINING ---- no work is left ----> CLOSED
 *     |                            |                                   ^
 *     +------ shutdownNow(), close() by whoever has the role ----------+
 * </pre>
 *
 * The close is carried out by one who has the driver's role, between two entries of the run queue:
 * by the caller, if nobody drives; else by the driver, who is asked for it by {@link Loop#CLOSE}.
 * What if the driver leaves just then? The caller first sets {@link #requested} and then tries to
 * take the role; the driver first gives the role back and then looks at {@code requested}. Both are
 * volatile, so either the caller gets the role, or the driver sees the request and takes the role
 * once more to obey it.
 *
 * <p>The order: seal the inbox, so that each post is either accepted before or refused after; hand
 * back what never began; end the tasks that did, each with its cleanup; give the adapters their
 * blocks back; close the services, youngest first; tell those who wait.
 */
final class Closing {
  /** A block that belongs to an adapter. */
  private record Owned(BlockOwner owner, Runnable block) {}

  private final Loop loop;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What the first who asks for it gets. Set before the latch opens. */
  private final AtomicReference<Unstarted> unstarted = new AtomicReference<>(Unstarted.NOTHING);

  /** Volatile both ways, see above. Never taken back. */
  private volatile boolean requested;

  Closing(Loop loop) {
    this.loop = loop;
  }

  /** Any thread but the driver. Returns after the close. */
  Unstarted closeNow(String operation) {
    checkOffLoop(operation);
    requested = true;
    if (loop.dispatcher.mayDriveHere() && loop.tryEnter()) {
      try {
        perform();
      } finally {
        loop.leave();
      }
    } else {
      loop.attention(Loop.CLOSE);
    }
    awaitUninterruptibly();
    return unstarted.getAndSet(Unstarted.NOTHING);
  }

  /** Any thread but the driver. */
  boolean await(Duration timeout) throws InterruptedException {
    checkOffLoop("awaitClosed");
    long nanos = Nanos.of(requireNonNull(timeout, "timeout"));
    return closed.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  /**
   * Any thread: whoever has the role will carry it out, or is doing so, and then leave for good.
   */
  boolean isRequested() {
    return requested;
  }

  /** By a driver that has just given the role back. */
  void performIfAbandoned() {
    if (requested
        && loop.life() != Loop.CLOSED
        && loop.dispatcher.mayDriveHere()
        && loop.tryEnter()) {
      try {
        perform();
      } finally {
        loop.leave();
      }
    }
  }

  /** On the loop, between entries. */
  void perform() {
    assert loop.isDriver();
    if (loop.life() == Loop.CLOSED) {
      return;
    }
    loop.seal();
    loop.forbid(1);
    try {
      List<Runnable> runnables = new ArrayList<>();
      List<Owned> owned = new ArrayList<>();
      collectBlocks(runnables, owned);
      loop.disarmAll();
      collectBlocks(runnables, owned);
      unstarted.set(new Unstarted(endTasks(), runnables));
      dropWakes();
      for (Owned each : owned) {
        try {
          each.owner.giveBack(each.block);
        } catch (Throwable t) {
          loop.uncaught("a block of " + each.owner + " that was given back", t);
        }
      }
    } finally {
      loop.forbid(-1);
    }
    finish();
  }

  /** The last steps, also of a dispatcher that ran out of work while draining. On the loop. */
  void finish() {
    assert loop.isDriver();
    loop.forbid(1);
    try {
      loop.markClosed();
      loop.disarmAll();
      loop.services.close(loop);
      loop.dispatcher.onClosed();
    } catch (Throwable t) {
      loop.uncaught("close of dispatcher '" + loop.name + "'", t);
    } finally {
      loop.forbid(-1);
      closed.countDown();
    }
  }

  private void collectBlocks(List<Runnable> runnables, List<Owned> owned) {
    RunQueue queue = loop.queue;
    for (int entry = queue.poll(); entry != RunQueue.EMPTY; entry = queue.poll()) {
      if (entry >= 0) {
        continue; // postings are in the registry
      }
      BlockOwner.Tag tag = queue.tag();
      Runnable block = queue.takeBlock();
      if (tag == null) {
        runnables.add(block);
      } else {
        owned.add(new Owned(tag.owner, block));
      }
    }
  }

  /** Returns the tasks that were never polled; ends the others. */
  private List<Task> endTasks() {
    List<Task> neverBegun = new ArrayList<>();
    for (Posting posting : loop.registry.toList()) {
      if (posting.isEnded()) {
        continue; // by the cleanup of an earlier one
      }
      if (posting.body instanceof Task task && !posting.begun && !posting.cancelRequested) {
        neverBegun.add(task);
        handBack(posting, task);
      } else {
        try {
          posting.requestStop();
        } catch (Throwable t) { // by a waker that is not ours
          loop.uncaught("waker of those who wait for the stop of '" + posting.name() + "'", t);
        }
        loop.end(posting, Posting.CANCELLED, null);
      }
    }
    return neverBegun;
  }

  private void handBack(Posting posting, Task task) {
    JoinHandle<?> handle = posting.handle();
    loop.registry.remove(posting);
    posting.release();
    task.unclaim();
    if (handle != null) {
      try {
        handle.cancelled(
            "task '"
                + task.name()
                + "' was handed back unstarted by the close of '"
                + loop.name
                + "'");
      } catch (Throwable t) { // by a waker that is not ours; all who joined were woken
        loop.uncaught("waker of those who joined '" + task.name() + "'", t);
      }
    }
  }

  /** Wakes among those that were just ended. Posts were refused since the seal. */
  private void dropWakes() {
    RunQueue queue = loop.queue;
    for (int entry = queue.poll(); entry != RunQueue.EMPTY; entry = queue.poll()) {
      assert entry >= 0 && loop.registry.get(entry) == null : entry;
    }
  }

  private void checkOffLoop(String operation) {
    if (loop.isDriver()) {
      throw Misuse.fromItsOwnLoop(
          operation,
          loop.name,
          loop.runningTask(),
          "it would wait for itself; call shutdown() or stop() instead");
    }
  }

  private void awaitUninterruptibly() {
    boolean interrupted = false;
    for (; ; ) {
      try {
        closed.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // restored below: the caller was promised a closed dispatcher
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
