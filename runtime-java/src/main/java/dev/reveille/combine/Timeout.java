package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Nanos;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a pollable, but not longer than that.
 *
 * <pre>{@code
 * Pollable<String> reply = Timeout.after(Duration.ofMillis(50), request).orElse("no reply");
 * }</pre>
 *
 * <p>Each poll polls the pollable first: ready when that is, with its value, also if the time is
 * over; fails when that does. If it is pending and the time is over, it is cancelled at once, and
 * the time-out throws {@link TimeoutException}, which names it and the time, or is ready with what
 * {@link #orElse} or {@link #orElseGet} give. Pending until then; whoever wakes the pollable wakes,
 * and so does the loop at the deadline.
 *
 * <p><b>The time.</b> {@link #after(Duration, Pollable)} counts from the first poll, at the moment
 * in which that finds the pollable pending. {@link #after(Dispatcher, Duration, Pollable)} counts
 * from the call. Zero or less is over at once: the pollable gets one poll. Too long for a {@code
 * long} of nanoseconds means never.
 *
 * <p><b>Budget.</b> In a poll in which the pollable ran out of budget the time-out does not fire,
 * since a value may be there that it was not allowed to fetch. So the time-out limits a wait, not
 * work: a pollable that spends its whole budget in each turn, without a pause, is never late.
 *
 * <p>{@code cancel} disarms the timer and cancels the pollable. What the cancel of a pollable that
 * is late throws is suppressed in the {@code TimeoutException}, or thrown in place of the fallback.
 *
 * <p><b>Threading.</b> On the loop, as every {@link Pollable}; made anywhere. The pollable belongs
 * to the time-out from then on.
 *
 * @param <T> the type of the value
 */
public final class Timeout<T extends @Nullable Object> extends Chain<T> {
  /** Null for a deadline. */
  private final @Nullable Duration duration;

  /** On the loop's clock; not known before the first poll if it counts from there. */
  private final long deadline;

  /** Null where a time-out is a failure. */
  private @Nullable Callable<? extends T> fallback;

  /** Made when the pollable is pending for the first time, since most are not late. */
  private @Nullable Timer timer;

  private Timeout(@Nullable Duration duration, long deadline, Pollable<? extends T> pollable) {
    super("time-out", requireNonNull(pollable, "pollable"));
    this.duration = duration;
    this.deadline = deadline;
  }

  /**
   * Limits the time from the first poll on.
   *
   * @param <T> the type of the value
   * @param duration how long
   * @param pollable what to wait for
   * @return the time-out, as this class says
   */
  public static <T extends @Nullable Object> Timeout<T> after(
      Duration duration, Pollable<? extends T> pollable) {
    return new Timeout<>(requireNonNull(duration, "duration"), Nanos.NEVER, pollable);
  }

  /**
   * Limits the time from this call on.
   *
   * @param <T> the type of the value
   * @param dispatcher whose clock is read; the one that will poll
   * @param duration how long
   * @param pollable what to wait for
   * @return the time-out, as this class says
   */
  public static <T extends @Nullable Object> Timeout<T> after(
      Dispatcher dispatcher, Duration duration, Pollable<? extends T> pollable) {
    return at(Nanos.add(dispatcher.ticker().read(), Math.max(0, Nanos.of(duration))), pollable);
  }

  /**
   * Limits the time up to a deadline.
   *
   * @param <T> the type of the value
   * @param deadline nanoseconds of the {@link dev.reveille.Ticker} of the dispatcher that will
   *     poll; {@link Long#MAX_VALUE} means never
   * @param pollable what to wait for
   * @return the time-out, as this class says
   */
  public static <T extends @Nullable Object> Timeout<T> at(
      long deadline, Pollable<? extends T> pollable) {
    return new Timeout<>(null, deadline, pollable);
  }

  /**
   * A value in the place of the exception.
   *
   * @param value what the time-out is ready with when the time is over
   * @return this
   */
  public Timeout<T> orElse(T value) {
    return orElseGet(() -> value);
  }

  /**
   * A result in the place of the exception.
   *
   * @param result called on the loop when the time is over; what it throws is thrown
   * @return this
   */
  public Timeout<T> orElseGet(Callable<? extends T> result) {
    fallback = requireNonNull(result, "result");
    return this;
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    Poll<T> poll;
    try {
      poll = this.<T>pollCurrent(cx);
    } catch (Throwable t) {
      disarm();
      throw t;
    }
    if (poll.isReady()) {
      disarm();
      return poll;
    }
    if (!isOver(cx)) {
      return Poll.pending();
    }
    if (cx.isBudgetSpent()) {
      // Whoever was refused has been woken, but it may be somebody beside this one: a sibling.
      cx.waker("budget spent").wake();
      return Poll.pending();
    }
    return timedOut();
  }

  private boolean isOver(Context cx) {
    Timer t = timer;
    if (t == null) {
      if (duration == null ? deadline <= cx.now() : Nanos.of(duration) <= 0) {
        return true;
      }
      t = new Timer(cx.dispatcher());
      timer = t;
      if (duration == null) {
        t.resetAt(deadline);
      } else {
        t.reset(duration);
      }
    }
    return t.poll(cx).isReady();
  }

  private Poll<T> timedOut() throws Exception {
    Callable<? extends T> instead = fallback;
    if (instead == null) {
      TimeoutException late = new TimeoutException(message());
      cancelCurrent(late);
      throw late;
    }
    Abandon.raise(cancelCurrent(null));
    return Poll.ready(instead.call());
  }

  private String message() {
    return "'"
        + describeCurrent()
        + "' was not ready "
        + (duration == null
            ? "at its deadline, " + deadline + " ns on the clock of its loop"
            : "within " + duration);
  }

  private void disarm() {
    Timer t = timer;
    if (t != null) {
      t.cancel();
    }
  }

  @Override
  protected void doCancel() {
    disarm();
    super.doCancel();
  }
}
