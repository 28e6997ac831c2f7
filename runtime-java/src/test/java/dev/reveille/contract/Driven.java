package dev.reveille.contract;

import dev.reveille.Dispatcher;
import dev.reveille.RunOutcome;

/**
 * A dispatcher under test, and how it is made to run: by calling its {@code run} methods, or by
 * letting its host go on. While nothing here is called, nothing of it runs.
 */
public abstract class Driven {

  /** For this package's two kinds. */
  Driven() {}

  /**
   * The dispatcher.
   *
   * @return the dispatcher under test
   */
  public abstract Dispatcher dispatcher();

  /**
   * Runs what is ready until nothing is.
   *
   * @return IDLE if no work is left, ASLEEP if work waits, CLOSED
   */
  public abstract RunOutcome settle();

  /**
   * Runs and sleeps until no work is left.
   *
   * @return IDLE or CLOSED
   */
  public abstract RunOutcome runToCompletion();

  /**
   * Lets it run beside the test, until it is closed.
   *
   * @param rig has the threads
   * @return to wait with
   */
  abstract Driving drive(Rig rig);

  /**
   * Lets it run beside the test, until no work is left.
   *
   * @param rig has the threads
   * @return to wait with
   */
  abstract Driving driveToCompletion(Rig rig);

  /** Lets it run while a clock moves it. */
  abstract void open();

  /** Undoes {@link #open}. */
  abstract void shut();
}
