package dev.reveille.callbacks.executors;

import dev.reveille.Names;

/** What {@code execute} was given: it has no future, so a failure is uncaught. */
final class Command implements Entry, Runnable {
  private final ViewLife life;
  private final Runnable command;
  private final long number;

  Command(ViewLife life, Runnable command) {
    this.life = life;
    this.command = command;
    this.number = life.nextNumber();
  }

  @Override
  public void run() {
    if (!life.take(this)) {
      return; // handed over
    }
    try {
      command.run();
    } finally {
      life.ended();
    }
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public void viewShutDown() {}

  @Override
  public Runnable handOver() {
    return command;
  }

  @Override
  public String name() {
    return Names.of(command);
  }

  /** The name under which the loop reports a failure. */
  @Override
  public String toString() {
    return name();
  }
}
