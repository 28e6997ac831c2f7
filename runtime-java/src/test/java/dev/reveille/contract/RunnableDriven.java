package dev.reveille.contract;

import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;

/** A dispatcher that runs on the thread which calls its {@code run} methods. */
final class RunnableDriven extends Driven {
  private final RunnableDispatcher dispatcher;

  RunnableDriven(RunnableDispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  @Override
  public RunnableDispatcher dispatcher() {
    return dispatcher;
  }

  @Override
  public RunOutcome settle() {
    return dispatcher.runUntilStalled();
  }

  @Override
  public RunOutcome runToCompletion() {
    return dispatcher.runToCompletion();
  }

  @Override
  Driving drive(Rig rig) {
    return rig.drive(dispatcher, RunnableDispatcher::run);
  }

  @Override
  Driving driveToCompletion(Rig rig) {
    return rig.drive(dispatcher, RunnableDispatcher::runToCompletion);
  }

  /** {@code MockTime} runs it on the thread that advances. */
  @Override
  void open() {}

  @Override
  void shut() {}
}
