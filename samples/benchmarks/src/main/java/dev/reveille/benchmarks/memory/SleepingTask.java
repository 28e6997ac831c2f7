package dev.reveille.benchmarks.memory;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.Timer;

/** A task that waits for a timer of its own, and has one field for its state. */
final class SleepingTask extends Task {
  private final Timer timer;
  private final Sleepers all;

  SleepingTask(BasicDispatcher dispatcher, Sleepers all, long deadline) {
    this.timer = new Timer(dispatcher);
    this.all = all;
    timer.resetAt(deadline);
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) {
    Poll<Complete> due = timer.poll(cx);
    if (due.isReady()) {
      all.woke();
    } else {
      all.sleeps();
    }
    return due;
  }
}
