package dev.reveille.benchmarks.loop;

import java.util.concurrent.Semaphore;

/**
 * For a loop with a thread of its own: that and the thread of the benchmark take turns. The first
 * step after the start waits already.
 */
public final class HandoverTurnstile extends Turnstile {
  private final Semaphore go = new Semaphore(0);
  private final Semaphore done = new Semaphore(0);

  /** Whether to wait without letting go of the thread: the scheduler of virtual threads would. */
  private final boolean spins;

  private volatile boolean closed;

  private HandoverTurnstile(boolean spins) {
    this.spins = spins;
  }

  /** Parks the thread of the loop between runs. */
  public static HandoverTurnstile parking() {
    return new HandoverTurnstile(false);
  }

  /** Spins between runs, which are short, and not measured unless a run follows at once. */
  public static HandoverTurnstile spinning() {
    return new HandoverTurnstile(true);
  }

  /** By the thread of the benchmark, after it has started the loop. */
  public void awaitStart() throws InterruptedException {
    done.acquire();
  }

  /** Lets the loop run for so many steps. By the thread of the benchmark. */
  public void run(long steps) throws InterruptedException {
    allow(steps);
    go.release();
    done.acquire();
  }

  @Override
  public boolean awaitMore() {
    if (!closed) {
      done.release();
      if (spins) {
        while (!go.tryAcquire()) {
          Thread.onSpinWait();
        }
      } else {
        go.acquireUninterruptibly();
      }
    }
    return !closed;
  }

  /** Between runs, by the thread of the benchmark: all that pass from now on end. */
  public void close() {
    closed = true;
    allow(0);
    go.release();
  }
}
