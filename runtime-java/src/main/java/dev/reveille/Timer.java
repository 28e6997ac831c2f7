package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A deadline that a task waits for. Belongs to one loop, may be reset as often as one likes, and
 * allocates nothing after its construction.
 *
 * <pre>{@code
 * Timer timer = new Timer(dispatcher);
 * timer.reset(Duration.ofSeconds(5));
 * JoinHandle<Void> heartbeat =
 *     dispatcher.spawn(
 *         "heartbeat",
 *         Pollable.owning( // to cancel the heartbeat disarms the timer
 *             List.of(timer),
 *             cx -> {
 *               while (timer.poll(cx).isReady()) {
 *                 peer.ping();
 *                 timer.reset(Duration.ofSeconds(5));
 *               }
 *               return Poll.pending();
 *             }));
 * }</pre>
 *
 * <p>Never early. Timers that are due together fire in the order of their deadlines, equal ones in
 * the order of their arming, and share that order with legacy {@code schedule} and Kotlin's {@code
 * delay}. Arm, cancel and re-arm are O(1). A deadline that does not fit into a {@code long} means
 * never.
 *
 * <p><b>Threading.</b> On the loop; or from any thread while nobody drives the dispatcher, whose
 * role is taken for the duration of the call. From another thread while somebody drives: {@link
 * IllegalStateException}, naming both threads.
 */
public final class Timer extends TimerNode implements Pollable<Complete> {
  /** The {@link #number} of one that has fired: it takes no room of its own. */
  private static final int FIRED = -1;

  private final Loop loop;

  /** On the loop only, as everything here: no atomics. */
  private @Nullable Waker waiter;

  /**
   * Creates a timer that is not armed.
   *
   * @param dispatcher the dispatcher whose clock and loop it uses
   */
  public Timer(Dispatcher dispatcher) {
    this.loop = requireNonNull(dispatcher, "dispatcher").loop;
  }

  /**
   * Arms the timer, or re-arms it, for a moment after now, where now is read from the clock. Zero
   * or less means as soon as possible: in the loop's next look at its timers.
   *
   * @param delay how long from now; too long means never
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  public void reset(Duration delay) {
    resetAt(loop.deadlineAfter(Nanos.of(requireNonNull(delay, "delay"))));
  }

  /**
   * Arms the timer, or re-arms it. A deadline in the past fires in the loop's next look at its
   * timers, before all later ones.
   *
   * @param deadline nanoseconds of the dispatcher's {@link Ticker}; {@link Long#MAX_VALUE} means
   *     never
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  public void resetAt(long deadline) {
    boolean borrowed = loop.borrow("Timer.reset");
    try {
      if (waiter instanceof Evictions evictions) { // they are forgotten
        waiter = evictions.holder;
      }
      loop.arm(this, deadline);
    } finally {
      loop.giveBack(borrowed);
    }
  }

  /**
   * Ready from the deadline on until the next reset; may be called again and again. Pending before
   * it; the loop wakes the task at the deadline. If two tasks wait for one timer, the second takes
   * the place of the first, which is woken. Throws {@link IllegalStateException} if the timer is
   * not armed and has not fired, or if the first then takes its place back: they would chase each
   * other.
   */
  @Override
  public Poll<Complete> poll(Context cx) {
    if (!loop.isDriver()) {
      throw new IllegalStateException(
          "a timer of dispatcher '"
              + loop.name
              + "' was polled by task '"
              + cx.taskName()
              + "' on the loop of '"
              + cx.dispatcher().name()
              + "'; a timer belongs to one loop");
    }
    if (hasFired()) {
      return Poll.ready();
    }
    if (!isArmed()) {
      throw new IllegalStateException(
          "timer polled by task '" + cx.taskName() + "' is not armed; reset() it first");
    }
    Waker waker = cx.waker("timer");
    Waker before = waiter;
    if (before != waker) {
      waiter = before == null ? waker : evict(before, waker);
    }
    return Poll.pending();
  }

  private static Waker evict(Waker before, Waker waker) {
    boolean first = !(before instanceof Evictions);
    if (first && before.isEnded()) {
      return waker; // nobody's place is taken, and nothing is allocated for it
    }
    Evictions evictions = first ? new Evictions() : (Evictions) before;
    Waker holder = first ? before : evictions.holder;
    if (holder != waker && !holder.isEnded()) {
      if (!evictions.evict(holder, waker)) {
        throw Evictions.livelock("timer", waker, holder);
      }
      holder.wake();
    }
    evictions.holder = waker;
    return evictions;
  }

  /**
   * Disarms the timer. It is gone from the wheel at once, and wakes nobody. Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  public void cancel() {
    boolean borrowed = loop.borrow("Timer.cancel");
    try {
      if (isArmed()) {
        loop.disarm(this);
      }
      number = 0;
      waiter = null;
    } finally {
      loop.giveBack(borrowed);
    }
  }

  /**
   * Whether the timer waits for its deadline. On the loop.
   *
   * @return true between a reset and the deadline
   */
  public boolean isPending() {
    return isArmed();
  }

  /**
   * Whether the deadline has passed since the last reset. On the loop.
   *
   * @return true after it fired
   */
  public boolean hasFired() {
    return number == FIRED;
  }

  @Override
  void fire(Loop l) {
    number = FIRED;
    Waker w = waiter;
    if (w != null) {
      waiter = null;
      w.wake();
    }
  }

  @Override
  public String toString() {
    return hasFired() ? "Timer[fired]" : isArmed() ? "Timer[armed]" : "Timer[not armed]";
  }
}
