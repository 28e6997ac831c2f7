package dev.reveille.callbacks.executors;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a view has accepted, and how far its own end is.
 *
 * <p>An entry waits in a set, and removing it from there is claiming it: by the loop that runs it,
 * by one who cancels it, or by one who shuts the view down. A number counts the entries that wait
 * and the one that runs; the view is terminated when it is shut down and the number is zero. A
 * periodic task that has run is put back without being counted anew.
 *
 * <p><b>Threading.</b> Any thread. An entry is added before its adder looks whether the view is
 * shut down, and the view is shut down before the entries are looked at; so one of the two sees the
 * other.
 */
final class ViewLife {
  private static final int OPEN = 0;
  private static final int SHUTDOWN = 1;
  private static final int SHUTDOWN_NOW = 2;

  private final Set<Entry> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicLong numbers = new AtomicLong();
  private final CountDownLatch terminated = new CountDownLatch(1);

  /** Commands that the dispatcher gave back at its close; guarded by itself. */
  private final List<Runnable> givenBack = new ArrayList<>();

  /** How far its end is. Grows. Volatile: pairs with the additions, see above. */
  private volatile int stage = OPEN;

  /** Guards the growth of the stage. */
  private final Object lock = new Object();

  long nextNumber() {
    return numbers.getAndIncrement();
  }

  // ------------------------------------------------------------------ entries

  /** Returns false if the view is shut down. */
  boolean add(Entry entry) {
    unfinished.getAndIncrement();
    waiting.add(entry);
    return !(isShutDown() && drop(entry));
  }

  /** Claims an entry to run it; {@link #ended} or {@link #putBack} has to follow. */
  boolean take(Entry entry) {
    return waiting.remove(entry);
  }

  /**
   * A taken entry waits for its next run. Returns false if it may not have one, since the view was
   * shut down meanwhile.
   *
   * @param survivesShutdown whether it may go on after an orderly one
   */
  boolean putBack(Entry entry, boolean survivesShutdown) {
    waiting.add(entry);
    return stage <= (survivesShutdown ? SHUTDOWN : OPEN);
  }

  /** A taken entry was run for the last time. */
  void ended() {
    unfinished.getAndDecrement();
    terminateIfDone();
  }

  /** Claims an entry that shall not run. Returns false if somebody else has it. */
  boolean drop(Entry entry) {
    if (!waiting.remove(entry)) {
      return false;
    }
    ended();
    return true;
  }

  // ------------------------------------------------------------------ the end

  private void raise(int newStage) {
    synchronized (lock) {
      stage = Math.max(stage, newStage);
    }
  }

  void shutDown() {
    raise(SHUTDOWN);
    waiting.forEach(Entry::viewShutDown);
    terminateIfDone();
  }

  /** Returns what had not begun, in the order of submission; then what was given back. */
  List<Runnable> shutDownNow() {
    raise(SHUTDOWN_NOW);
    List<Entry> claimed = new ArrayList<>();
    for (Entry entry : List.copyOf(waiting)) {
      if (waiting.remove(entry)) {
        claimed.add(entry);
      }
    }
    claimed.sort(Comparator.comparingLong(Entry::number));
    List<Runnable> handedOver = new ArrayList<>();
    for (Entry entry : claimed) {
      handedOver.add(entry.handOver());
      ended();
    }
    synchronized (givenBack) {
      handedOver.addAll(givenBack);
      givenBack.clear();
    }
    terminateIfDone();
    return handedOver;
  }

  /** The dispatcher was closed, and gives a command back that it did not run. */
  void giveBack(Command command) {
    if (waiting.remove(command)) {
      synchronized (givenBack) {
        givenBack.add(command.handOver());
      }
      ended();
    }
  }

  boolean isShutDown() {
    return stage != OPEN;
  }

  boolean isTerminated() {
    return terminated.getCount() == 0;
  }

  boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return terminated.await(timeout, unit);
  }

  private void terminateIfDone() {
    if (isShutDown() && unfinished.get() == 0) {
      terminated.countDown();
    }
  }
}
