package dev.reveille.benchmarks.loop;

import dev.reveille.RunnableDispatcher;

/** For a dispatcher of ours, which the thread of the benchmark drives: stops the run. */
public final class StoppingTurnstile extends Turnstile {
  private final RunnableDispatcher dispatcher;

  /** For this dispatcher. */
  public StoppingTurnstile(RunnableDispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  /** Runs the dispatcher for so many steps. */
  public void run(long steps) {
    allow(steps);
    dispatcher.run();
  }

  @Override
  public boolean awaitMore() {
    dispatcher.stop(); // drops nothing: whoever asked goes on in the next run
    return true;
  }
}
