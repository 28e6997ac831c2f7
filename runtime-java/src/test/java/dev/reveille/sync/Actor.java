package dev.reveille.sync;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/**
 * A task that does in its poll what the test says, and counts how often somebody else woke it. It
 * never ends by itself.
 */
final class Actor extends Task {
  /** Something done in a poll. */
  interface Step<R extends @Nullable Object> {
    R in(Context cx) throws Exception;
  }

  private final RunnableDispatcher loop;
  private @Nullable Waker self;
  private @Nullable Step<?> step;
  private @Nullable Object result;
  private @Nullable Exception failure;
  private int wakes;

  Actor(RunnableDispatcher loop, String name) {
    super(name);
    this.loop = loop;
    loop.post(this);
    loop.runUntilStalled();
    wakes = 0;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) {
    self = cx.waker("the test");
    Step<?> todo = step;
    step = null;
    if (todo == null) {
      wakes++;
    } else {
      try {
        result = todo.in(cx);
      } catch (Exception e) {
        failure = e;
      }
    }
    return Poll.pending();
  }

  /** Does it in a poll of this task, and runs the loop until it is stalled. */
  @SuppressWarnings("unchecked") // the result of that step
  <R extends @Nullable Object> R does(Step<R> todo) {
    step = todo;
    failure = null;
    self.wake();
    loop.runUntilStalled();
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure != null) {
      throw new AssertionError("a checked exception", failure);
    }
    return (R) result;
  }

  /** How often others have woken it since the last call. */
  int takeWakes() {
    loop.runUntilStalled();
    int count = wakes;
    wakes = 0;
    return count;
  }
}
