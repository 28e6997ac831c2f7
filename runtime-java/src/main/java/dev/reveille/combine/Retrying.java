package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** {@link Retry#run}: an attempt, or the wait for the next one. */
final class Retrying<T extends @Nullable Object> extends Chain<T> {
  /** So that a retry without end does not grow by one exception per attempt. */
  static final int KEPT = 8;

  private final RetryPolicy policy;
  private final Callable<? extends Pollable<? extends T>> source;

  /** The failures so far, oldest first. */
  private final Deque<Exception> failures = new ArrayDeque<>(2);

  private int failed;

  /** The wait after the next failure, before jitter. */
  private long wait;

  private @Nullable Timer timer;

  /** Whether the timer runs. Else there is an attempt, or the first one is to be made. */
  private boolean waiting;

  Retrying(RetryPolicy policy, Callable<? extends Pollable<? extends T>> source) {
    super("retry", null);
    this.policy = policy;
    this.source = requireNonNull(source, "attempt");
    this.wait = policy.firstNanos();
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    if (!waiting) {
      Poll<T> poll = pollAttempt(cx);
      if (poll.isReady()) {
        failures.clear();
        return poll;
      }
    }
    // Not one more attempt after a stop: so the stop is asked before the timer.
    if (cx.stopToken().pollStopped(cx).isReady()) {
      return stopped(cx);
    }
    while (waiting && timer(cx).poll(cx).isReady()) {
      waiting = false;
      Poll<T> poll = pollAttempt(cx);
      if (poll.isReady()) {
        failures.clear();
        return poll;
      }
    }
    return Poll.pending();
  }

  /** Pending also after a failure that another attempt is to follow; then {@link #waiting}. */
  private Poll<T> pollAttempt(Context cx) throws Exception {
    try {
      if (!hasCurrent()) {
        begin(requireNonNull(source.call(), "the source of the attempts returned null"));
      }
      return this.<T>pollCurrent(cx);
    } catch (Exception e) {
      if (failed + 1 >= policy.attempts() || !retries(e)) {
        throw with(e);
      }
      failed(e);
      timer(cx).reset(Duration.ofNanos(policy.withJitter(wait)));
      wait = policy.nextNanos(wait);
      waiting = true;
      return Poll.pending();
    } catch (Throwable t) {
      with(t);
      throw t;
    }
  }

  private boolean retries(Exception e) {
    try {
      return policy.retries().test(e);
    } catch (Throwable t) { // a fault of the policy must not hide what it was asked about
      with(t);
      Abandon.suppress(t, e);
      throw t;
    }
  }

  private Timer timer(Context cx) {
    Timer t = timer;
    if (t == null) {
      t = new Timer(cx.dispatcher());
      timer = t;
    }
    return t;
  }

  private void failed(Exception e) {
    failed++;
    if (failures.size() == KEPT) {
      failures.remove();
    }
    failures.add(e);
  }

  /** The last failure, or what ended it instead, with those before it. */
  private <E extends Throwable> E with(E last) {
    int forgotten = failed - failures.size();
    if (forgotten > 0) {
      last.addSuppressed(new Forgotten(forgotten));
    }
    for (Exception e : failures) {
      Abandon.suppress(last, e);
    }
    failures.clear();
    return last;
  }

  private Poll<T> stopped(Context cx) {
    if (hasCurrent() && cx.isBudgetSpent()) {
      // Its value may be there, and would win. Who was refused may be a sibling: so wake this one.
      cx.waker("budget spent").wake();
      return Poll.pending();
    }
    CancellationException end =
        with(
            new CancellationException(
                "'"
                    + this
                    + "' was stopped in "
                    + (waiting ? "the wait after attempt " + failed : "attempt " + (failed + 1))));
    disarm();
    cancelCurrent(end);
    throw end;
  }

  private void disarm() {
    waiting = false;
    Timer t = timer;
    if (t != null) {
      t.cancel();
    }
  }

  @Override
  protected void doCancel() {
    failures.clear();
    disarm();
    super.doCancel();
  }

  /** Stands for the failures that were not kept. */
  private static final class Forgotten extends Exception {
    private static final long serialVersionUID = 1;

    Forgotten(int count) {
      super("and " + count + " earlier failures that were not kept", null, false, false);
    }
  }
}
