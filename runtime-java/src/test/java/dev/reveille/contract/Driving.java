package dev.reveille.contract;

import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import java.util.concurrent.FutureTask;

/** A thread that drives a dispatcher: {@link Rig#drive}. */
public final class Driving {
  private final RunnableDispatcher dispatcher;
  private final FutureTask<RunOutcome> run;

  Driving(RunnableDispatcher dispatcher, FutureTask<RunOutcome> run) {
    this.dispatcher = dispatcher;
    this.run = run;
  }

  /**
   * Waits until the loop sleeps.
   *
   * @return this
   */
  public Driving awaitAsleep() {
    Rig.awaitState(
        "the loop is asleep",
        () -> dispatcher.snapshot().driver() != null && dispatcher.snapshot().asleep());
    return this;
  }

  /**
   * Waits for the end of the run.
   *
   * @return how it ended
   * @throws Exception what it threw
   */
  public RunOutcome awaitOutcome() throws Exception {
    return Rig.await(run);
  }

  /**
   * Whether the run is still going on.
   *
   * @return false after its end
   */
  public boolean isRunning() {
    return !run.isDone();
  }
}
