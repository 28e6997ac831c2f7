package dev.reveille.benchmarks.loop;

/**
 * Lets a benchmark run a loop that never ends for a number of steps at a time. So nothing is
 * created and nothing ends within a measured hop, and a million tasks are posted once for a fork.
 *
 * <p>On the loop only, where it does not say otherwise.
 */
public abstract class Turnstile {
  /** The loop's while it runs; else of whoever starts it next. Handed over with the role. */
  private long left = 1;

  /** By subclasses. */
  protected Turnstile() {}

  /** Takes a step. False after the last one: then {@link #awaitMore}. */
  public final boolean pass() {
    return --left > 0;
  }

  /** Before the loop runs again, by whoever starts it. */
  protected final void allow(long steps) {
    left = steps;
  }

  /**
   * After the last step. A loop that has a thread of its own stays here until more are allowed.
   *
   * @return false if there will be no more: whoever asks ends
   */
  public abstract boolean awaitMore();
}
