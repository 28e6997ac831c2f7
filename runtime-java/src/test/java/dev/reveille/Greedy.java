package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * A leaf that always could go on: it asks for budget, makes a step, and asks again, until it has
 * made so many. So the task above it never sleeps; only the budget holds it up.
 */
final class Greedy implements Pollable<Integer> {
  private final int goal;
  private final @Nullable Runnable inEachStep;
  int steps;
  int polls;

  Greedy(int goal) {
    this(goal, null);
  }

  Greedy(int goal, @Nullable Runnable inEachStep) {
    this.goal = goal;
    this.inEachStep = inEachStep;
  }

  @Override
  public Poll<Integer> poll(Context cx) {
    polls++;
    while (steps < goal) {
      if (!cx.tryProceed()) {
        return Poll.pending(); // it has woken the task already
      }
      steps++;
      if (inEachStep != null) {
        inEachStep.run();
      }
    }
    return Poll.ready(steps);
  }

  /** The same as a task. */
  Task asTask(String name) {
    return new Task(name) {
      @Override
      protected Poll<Complete> doPoll(Context cx) {
        return Greedy.this.poll(cx).map(steps -> Complete.COMPLETE);
      }
    };
  }
}
