package dev.reveille.contract;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/** A task that sleeps until it is woken, and ends if it was told to. */
final class Sleeper extends Task {
  /** Plain on purpose: the dispatcher publishes them, or the contract is broken. */
  int polls;

  int inits;
  int cleanups;

  private volatile boolean mayEnd;
  private volatile @Nullable Waker waker;

  Sleeper(String name) {
    super(name);
  }

  @Override
  protected void init() {
    inits++;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) {
    polls++;
    waker = cx.waker("a wake of the test");
    return mayEnd ? Poll.ready() : Poll.pending();
  }

  @Override
  protected void cleanup() {
    cleanups++;
  }

  Waker waker() {
    return requireNonNull(waker, "not polled yet");
  }

  void wake() {
    waker().wake();
  }

  void wakeToEnd() {
    mayEnd = true;
    wake();
  }
}
