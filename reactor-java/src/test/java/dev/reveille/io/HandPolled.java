package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Waker;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A task that stays, and that does in polls of its own what the test tells it to, step by step; so
 * everything is waited for with one waker.
 */
public final class HandPolled {
  /** What to do in a poll. */
  @FunctionalInterface
  public interface Step<T> {
    T in(Context cx) throws Exception;
  }

  private final RunnableDispatcher loop;
  private Waker waker = Waker.none();
  private @Nullable Step<?> step;
  private @Nullable Callable<?> outcome;
  private int wakes;

  public HandPolled(RunnableDispatcher loop, String name) {
    this.loop = loop;
    loop.spawn(name, this::poll);
    loop.runUntilStalled();
    wakes = 0;
  }

  private Poll<String> poll(Context cx) {
    Step<?> s = step;
    step = null;
    if (s == null) {
      wakes++;
    } else {
      outcome = attempt(s, cx);
    }
    waker = cx.waker("the test");
    return Poll.pending();
  }

  private static Callable<?> attempt(Step<?> step, Context cx) {
    try {
      Object result = step.in(cx);
      return () -> result;
    } catch (Exception e) {
      return () -> {
        throw e;
      };
    }
  }

  /** Does a step in a poll, and returns what it returned, or throws what it threw. */
  @SuppressWarnings("unchecked") // it is what the step returned
  public <T> T call(Step<T> next) throws Exception {
    loop.runUntilStalled();
    step = next;
    outcome = null;
    waker.wake();
    loop.runUntilStalled();
    Callable<?> done = outcome;
    outcome = null; // what it returned may be about to become garbage
    assertThat(done).as("the poll").isNotNull();
    return (T) done.call();
  }

  /** How often it was woken other than for a step since this was asked last. */
  public int takeWakes() {
    loop.runUntilStalled();
    int w = wakes;
    wakes = 0;
    return w;
  }
}
