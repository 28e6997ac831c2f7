package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Ticks, one each period.
 *
 * <pre>{@code
 * Interval interval = Interval.every(loop, Duration.ofSeconds(1)).onMissed(Interval.Missed.SKIP);
 * Pollable<Complete> body =
 *     cx -> {
 *       while (interval.pollTick(cx).isReady()) {
 *         log.add("tick of " + interval.lastTick());
 *       }
 *       return Poll.pending();
 *     };
 * }</pre>
 *
 * <p>The first tick is due at once, the next ones a period after the moment in which the one before
 * was due, not after that in which it was taken: so they do not drift. A tick that is taken more
 * than five milliseconds late counts as late, and {@link Missed} says when the next one is due
 * then. (Names, meaning and the five milliseconds are those of tokio's {@code Interval} and {@code
 * MissedTickBehavior}.)
 *
 * <p>No tick is early. One that does not fit into a {@code long} of nanoseconds never comes. An
 * interval that nobody polls costs nothing: ticks are counted from the clock, not by timers.
 *
 * <p><b>Threading.</b> Made by any thread; everything else on the loop, as with {@link Timer}. One
 * task polls it.
 */
public final class Interval {
  /** When the next tick is due after one that was late. */
  public enum Missed {
    /**
     * A period after the late one was due: the missed ticks come one after the other without a
     * pause, until the interval has caught up. As many ticks as periods.
     */
    BURST,

    /** A period after the late one was taken. At least a period between two ticks. */
    DELAY,

    /**
     * At the next multiple of the period after the first tick: the missed ones are left out. All
     * ticks stay on the grid.
     */
    SKIP
  }

  /** What is later than this is late: {@code Interval::poll_tick} in tokio's interval.rs. */
  private static final long TOLERANCE = 5_000_000;

  private final Timer timer;
  private final Ticker ticker;
  private final long period;
  private Missed missed = Missed.BURST;

  /** When the next tick is due. */
  private long next;

  /** When the last tick was due; until then, when the first one is. */
  private long lastTick;

  /** Whether the timer is armed for {@link #next}, or has fired for it. */
  private boolean armed;

  private boolean cancelled;

  private Interval(Dispatcher dispatcher, Duration period, long first) {
    this.timer = new Timer(dispatcher);
    this.ticker = dispatcher.ticker();
    this.period = nanos(period);
    this.next = first;
    this.lastTick = first;
  }

  private static long nanos(Duration period) {
    if (period.isZero() || period.isNegative()) {
      throw new IllegalArgumentException("the period of an interval: above zero, not " + period);
    }
    return Nanos.of(period);
  }

  /**
   * Ticks of which the first is due now.
   *
   * @param dispatcher whose loop will poll
   * @param period the time between two ticks
   * @return the interval
   * @throws IllegalArgumentException if the period is zero or negative
   */
  public static Interval every(Dispatcher dispatcher, Duration period) {
    return startingAt(dispatcher, dispatcher.ticker().read(), period);
  }

  /**
   * Ticks of which the first is due at some moment.
   *
   * @param dispatcher whose loop will poll
   * @param first when, in nanoseconds of the dispatcher's {@link Ticker}
   * @param period the time between two ticks
   * @return the interval
   * @throws IllegalArgumentException if the period is zero or negative
   */
  public static Interval startingAt(Dispatcher dispatcher, long first, Duration period) {
    return new Interval(
        requireNonNull(dispatcher, "dispatcher"), requireNonNull(period, "period"), first);
  }

  /**
   * Sets when the next tick is due after one that was late.
   *
   * @param behavior when; {@link Missed#BURST} at first
   * @return this
   */
  public Interval onMissed(Missed behavior) {
    missed = requireNonNull(behavior, "behavior");
    return this;
  }

  /**
   * Waits for the next tick; may be called again and again, and allocates nothing.
   *
   * <p>Ready if a tick is due; {@link #lastTick} tells when it was due, and the next poll waits for
   * the one after it. Pending before it is due; the loop wakes the task then.
   *
   * @param cx the context of the poll
   * @return ready if there is a tick
   * @throws IllegalStateException if the interval was cancelled, and not reset since
   */
  public Poll<Complete> pollTick(Context cx) {
    if (cancelled) {
      throw new IllegalStateException(
          "interval polled by task '" + cx.taskName() + "' was cancelled; reset() it first");
    }
    if (armed ? !timer.hasFired() : next > cx.now() || next == Nanos.NEVER) {
      if (!armed) {
        timer.resetAt(next);
        armed = true;
      }
      return timer.poll(cx);
    }
    if (!cx.tryProceed()) {
      return Poll.pending(); // the tick is not taken
    }
    lastTick = next;
    long now = ticker.read();
    schedule(
        Nanos.subtract(now, lastTick) > TOLERANCE ? afterMissed(now) : Nanos.add(lastTick, period));
    return Poll.ready();
  }

  private long afterMissed(long now) {
    return switch (missed) {
      case BURST -> Nanos.add(lastTick, period);
      case DELAY -> Nanos.add(now, period);
      case SKIP -> Nanos.add(now, period - phase(now));
    };
  }

  /** How long ago the last moment of the grid was. Of the two remainders, lest it overflow. */
  private long phase(long now) {
    long phase = Math.floorMod(now, period) - Math.floorMod(lastTick, period);
    return phase < 0 ? phase + period : phase;
  }

  private void schedule(long deadline) {
    next = deadline;
    armed = false;
  }

  /**
   * The next tick, as a one-shot operation: ready with the moment in which it was due, in
   * nanoseconds of the dispatcher's {@link Ticker}; pending, and throws, as {@link #pollTick}.
   * {@code cancel} of it leaves the interval as it is, with the tick not taken.
   *
   * @return a new operation
   */
  public Operation<Long> tick() {
    return new Operation<>("tick of an interval") {
      @Override
      protected Poll<Long> doPoll(Context cx) {
        return pollTick(cx).isReady() ? Poll.ready(lastTick) : Poll.pending();
      }
    };
  }

  /**
   * When the last tick was due.
   *
   * @return nanoseconds of the dispatcher's {@link Ticker}; before the first tick, when that is due
   */
  public long lastTick() {
    return lastTick;
  }

  /**
   * The time between two ticks.
   *
   * @return the period
   */
  public Duration period() {
    return Duration.ofNanos(period);
  }

  /**
   * Begins anew: the next tick is due one period from now, also after a cancel.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  public void reset() {
    resetAt(Nanos.add(ticker.read(), period));
  }

  /**
   * Begins anew, also after a cancel. A task that waits for a tick is woken when the next one is
   * due.
   *
   * @param first when the next tick is due, in nanoseconds of the dispatcher's {@link Ticker}
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  public void resetAt(long first) {
    // Through the timer in any case: it refuses the wrong thread, and keeps who waits for it.
    timer.resetAt(first);
    next = first;
    lastTick = first;
    armed = true;
    cancelled = false;
  }

  /**
   * No more ticks: disarms the timer. Idempotent; nobody is woken.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  public void cancel() {
    timer.cancel();
    armed = false;
    cancelled = true;
  }

  @Override
  public String toString() {
    return "Interval[" + period() + (cancelled ? ", cancelled]" : "]");
  }
}
