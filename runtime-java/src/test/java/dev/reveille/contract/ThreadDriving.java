package dev.reveille.contract;

import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import java.util.concurrent.FutureTask;

/** A thread that drives a dispatcher: {@link Rig#drive}. */
final class ThreadDriving extends Driving {
  private final RunnableDispatcher dispatcher;
  private final FutureTask<RunOutcome> run;

  ThreadDriving(RunnableDispatcher dispatcher, FutureTask<RunOutcome> run) {
    this.dispatcher = dispatcher;
    this.run = run;
  }

  @Override
  public Driving awaitAsleep() {
    Rig.awaitState(
        "the loop is asleep",
        () -> dispatcher.snapshot().driver() != null && dispatcher.snapshot().asleep());
    return this;
  }

  @Override
  public RunOutcome awaitOutcome() throws Exception {
    return Rig.await(run);
  }

  @Override
  public boolean isRunning() {
    return !run.isDone();
  }
}
