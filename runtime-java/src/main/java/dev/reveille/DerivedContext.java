package dev.reveille;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * {@link Context#withWaker}: the loop's context with another waker and its own record of asking.
 */
final class DerivedContext implements Context {
  private final Posting base;
  private final Waker waker;
  private boolean asked;

  DerivedContext(Posting base, Waker waker) {
    this.base = base;
    this.waker = requireNonNull(waker, "waker");
  }

  Posting posting() {
    return base;
  }

  @Override
  public Waker waker(String why) {
    requireNonNull(why, "why");
    asked = true;
    return waker;
  }

  @Override
  public <T extends @Nullable Object> Poll<T> park() {
    asked = true;
    return Poll.pending();
  }

  @Override
  public boolean tryProceed() {
    if (dispatcher().loop.spendBudget()) {
      return true;
    }
    waker("budget spent").wake();
    return false;
  }

  @Override
  public boolean isBudgetSpent() {
    return base.isBudgetSpent();
  }

  @Override
  public Dispatcher dispatcher() {
    return base.dispatcher();
  }

  @Override
  public StopToken stopToken() {
    return base.stopToken();
  }

  @Override
  public long now() {
    return base.now();
  }

  @Override
  public String taskName() {
    return base.taskName();
  }

  @Override
  public Context withWaker(Waker other) {
    return new DerivedContext(base, other);
  }

  @Override
  public <T extends @Nullable Object> Poll<T> pollChild(Pollable<T> child) throws Exception {
    boolean before = asked;
    asked = false;
    try {
      Poll<T> poll = child.poll(this);
      if (poll == null) { // by code that is not null-checked
        throw Misuse.nullPoll(Names.of(child));
      }
      if (poll.isPending() && !asked) {
        throw Misuse.pendingWithoutWaker(child, taskName());
      }
      return poll;
    } finally {
      asked |= before; // also if the child threw: the caller may go on
    }
  }
}
