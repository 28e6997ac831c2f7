package dev.reveille.contract;

import dev.reveille.spi.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A real host behind a gate. While the gate is shut, drains and wake-ups are kept and nothing runs,
 * so that a test may post and look, as it does with a dispatcher that nobody drives; every thread
 * counts as the host's then. While it is open, the host behind it does as it does.
 */
final class GatedHost implements Host {
  private final Host host;

  /** All guarded by {@code this}. */
  private final List<Runnable> kept = new ArrayList<>();

  private boolean open;
  private int running;
  private Runnable wakeup = () -> {};
  private boolean wakeupWanted;
  private long wakeupAt = Long.MAX_VALUE;

  /** What a drain threw, which none must. */
  private final AtomicReference<Throwable> broken = new AtomicReference<>();

  GatedHost(Host host) {
    this.host = host;
  }

  @Override
  public synchronized void execute(Runnable drain) {
    if (open) {
      submit(drain);
    } else {
      kept.add(drain);
    }
  }

  @Override
  public synchronized void wakeAfter(long nanos, Runnable drain) {
    wakeup = drain;
    wakeupWanted = nanos != Long.MAX_VALUE;
    wakeupAt = System.nanoTime() + Math.min(nanos, Long.MAX_VALUE / 2);
    if (open) {
      host.wakeAfter(nanos, this::wokenUp);
    }
  }

  @Override
  public boolean inHost() {
    synchronized (this) {
      if (!open && running == 0) {
        return true;
      }
    }
    return host.inHost();
  }

  private void wokenUp() {
    Runnable drain;
    synchronized (this) {
      if (!open || !wakeupWanted) {
        return;
      }
      wakeupWanted = false;
      drain = wakeup;
      running++;
    }
    run(drain);
  }

  /** Under the lock. */
  private void submit(Runnable drain) {
    running++;
    try {
      host.execute(() -> run(drain));
    } catch (RejectedExecutionException e) {
      running--;
      throw e;
    }
  }

  private void run(Runnable drain) {
    try {
      drain.run();
    } catch (Throwable t) {
      broken.set(t);
    } finally {
      synchronized (this) {
        running--;
        notifyAll();
      }
    }
  }

  synchronized void open() {
    open = true;
    List<Runnable> drains = List.copyOf(kept);
    kept.clear();
    drains.forEach(this::submit);
    if (wakeupWanted) {
      host.wakeAfter(Math.max(1, wakeupAt - System.nanoTime()), this::wokenUp);
    }
  }

  /** Waits for the drain that runs. */
  synchronized void shut() {
    open = false;
    awaitRest();
    Throwable t = broken.get();
    if (t != null) {
      throw new AssertionError("a drain has thrown", t);
    }
  }

  /** Lets drains through until none is asked for any more; at least one. */
  synchronized void pump() {
    if (wakeupWanted) {
      submit(wakeup); // too early by the clock is harmless by the contract
    }
    do {
      List<Runnable> drains = List.copyOf(kept);
      kept.clear();
      drains.forEach(this::submit);
      awaitRest();
    } while (!kept.isEmpty());
  }

  /** Whether nothing runs, and nothing is asked for. */
  synchronized boolean isAtRest() {
    return running == 0 && kept.isEmpty();
  }

  /** Under the lock, which is given up meanwhile. */
  private void awaitRest() {
    long start = System.nanoTime();
    boolean interrupted = false;
    while (running > 0) {
      if (System.nanoTime() - start > Rig.PATIENCE.toNanos()) {
        throw new AssertionError("a drain does not end");
      }
      try {
        wait(100);
      } catch (InterruptedException e) {
        interrupted = true; // restored below
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
