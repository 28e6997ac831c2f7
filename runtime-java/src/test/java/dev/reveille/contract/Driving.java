package dev.reveille.contract;

import dev.reveille.RunOutcome;

/** A dispatcher that runs beside the test. */
public abstract class Driving {

  /** For this package's kinds. */
  Driving() {}

  /**
   * Waits until the loop sleeps.
   *
   * @return this
   */
  public abstract Driving awaitAsleep();

  /**
   * Waits for the end of the run.
   *
   * @return how it ended
   * @throws Exception what it threw
   */
  public abstract RunOutcome awaitOutcome() throws Exception;

  /**
   * Whether the run is still going on.
   *
   * @return false after its end
   */
  public abstract boolean isRunning();
}
