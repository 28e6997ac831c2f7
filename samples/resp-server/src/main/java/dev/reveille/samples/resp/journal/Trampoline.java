package dev.reveille.samples.resp.journal;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs a step again and again, once for each {@link #bounce()}, never twice at a time and never one
 * inside the other.
 *
 * <p>A step starts an operation whose callback bounces. The callback may come at once, within the
 * step, or from another thread before the step is over: then it only leaves word, and the thread
 * that is in the step runs it again. So there is no recursion however many operations complete at
 * once, and a step sees what the one before and the callback have written (the counter is the
 * synchronization edge).
 */
final class Trampoline {
  private final AtomicInteger bounces = new AtomicInteger();
  private final Runnable step;

  Trampoline(Runnable step) {
    this.step = step;
  }

  void bounce() {
    if (bounces.getAndIncrement() == 0) {
      do {
        step.run();
      } while (bounces.decrementAndGet() != 0);
    }
  }
}
