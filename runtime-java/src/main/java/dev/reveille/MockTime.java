package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until somebody moves it: the {@link Ticker} for tests, on the real
 * dispatchers. It may serve several of them, which then share one clock.
 *
 * <pre>{@code
 * var time = new MockTime();
 * try (var dispatcher = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
 *   dispatcher.postAfter(Duration.ofHours(1), () -> log.add("an hour later"));
 *   time.advance(Duration.ofMinutes(59));
 *   assertThat(log).isEmpty();
 *   time.advance(Duration.ofMinutes(1)); // runs it, on this thread
 *   assertThat(log).containsExactly("an hour later");
 * }
 * }</pre>
 *
 * <p>{@link #advance} goes from deadline to deadline in their order and lets the dispatchers run at
 * each until nothing is ready. A dispatcher that nobody drives is run by the thread that calls
 * {@code advance}; one that has its own thread is woken, and time does not move before it is asleep
 * with an empty inbox.
 *
 * <p><b>Threading.</b> {@link #read} may be called by any thread, everything else by any thread but
 * the driver of a dispatcher on this clock. One thread at a time advances.
 */
public final class MockTime implements Ticker {
  private static final long STEP_LIMIT = 10_000_000;

  /** How often a wait looks again for a driver that has left without a word. */
  private static final long RECHECK_MILLIS = 5;

  /** What this clock knows of one dispatcher. Guarded by the clock's lock. */
  private static final class Seat {
    final Loop loop;

    /** The time at which the loop last reported itself asleep. */
    long settledAt = Long.MIN_VALUE;

    /** Until when it said it would sleep. */
    long sleepsUntil = Nanos.NEVER;

    Seat(Loop loop) {
      this.loop = loop;
    }
  }

  /** Written under the lock; volatile so that {@link #read} needs none. */
  private volatile long now;

  /** Guarded by the lock, as the rest. In the order of their construction. */
  private final List<Seat> seats = new ArrayList<>();

  private boolean automatic;
  private int holds;
  private boolean advancing;

  /** Creates a clock that stands at zero. */
  public MockTime() {}

  @Override
  public long read() {
    return now;
  }

  /**
   * Moves time forward, from deadline to deadline. At the end all dispatchers on this clock have
   * run until nothing was ready.
   *
   * @param duration how far; zero runs what is ready now
   * @throws IllegalArgumentException if the duration is negative
   * @throws IllegalStateException if called on the loop of a dispatcher on this clock, or while
   *     another thread advances; or if a dispatcher did not come to rest within ten million steps:
   *     the message has its dump
   */
  public void advance(Duration duration) {
    if (requireNonNull(duration, "duration").isNegative()) {
      throw new IllegalArgumentException("time does not go back: " + duration);
    }
    begin();
    try {
      long target = Nanos.add(now, Nanos.of(duration));
      settleAll();
      for (long next = next(); next <= target && next != Nanos.NEVER; next = next()) {
        moveTo(next);
        settleAll();
      }
      moveTo(target);
      settleAll();
    } finally {
      end();
    }
  }

  /**
   * From now on time moves by itself to the next deadline whenever every driven dispatcher on this
   * clock is asleep, so that a {@code runToCompletion()} sleeps for nothing. Work in flight outside
   * the dispatchers is not seen; see {@link #hold}.
   *
   * @return this
   */
  public MockTime autoAdvance() {
    synchronized (this) {
      automatic = true;
    }
    signalAll();
    return this;
  }

  /**
   * Forbids automatic advance while work outside the dispatchers is in flight: an offloaded call, a
   * file, a socket.
   *
   * @return close it when the work is done; closing twice does nothing
   */
  public Hold hold() {
    synchronized (this) {
      holds++;
    }
    return new Hold();
  }

  /** {@link #hold}. Any thread. */
  public final class Hold implements AutoCloseable {
    private boolean released;

    private Hold() {}

    @Override
    public void close() {
      synchronized (MockTime.this) {
        if (released) {
          return;
        }
        released = true;
        holds--;
      }
      signalAll();
    }
  }

  @Override
  public String toString() {
    return "MockTime[" + Duration.ofNanos(now) + "]";
  }

  // ------------------------------------------------------------------ for loops

  synchronized void attach(Loop loop) {
    seats.add(new Seat(requireNonNull(loop)));
  }

  synchronized void detach(Loop loop) {
    seats.removeIf(seat -> seat.loop == loop);
    notifyAll();
  }

  /** By a driver that has left, and so holds up nobody any more: those who sleep look again. */
  void left() {
    boolean lookAgain;
    synchronized (this) {
      notifyAll();
      lookAgain = automatic && !advancing;
    }
    if (lookAgain) {
      signalAll();
    }
  }

  /**
   * By a driver that has announced its sleep. Moves time if it may.
   *
   * @return true if time has moved for this loop: do not park
   */
  synchronized boolean asleep(Loop loop, long until) {
    for (Seat seat : seats) {
      if (seat.loop == loop) {
        seat.settledAt = loop.now;
        seat.sleepsUntil = until;
      }
    }
    notifyAll();
    if (loop.now != now) {
      return true; // time has moved since the loop looked
    }
    if (!automatic || holds > 0 || advancing) {
      return false;
    }
    long next = Nanos.NEVER;
    for (Seat seat : seats) {
      if (isUndriven(seat.loop)) {
        continue;
      }
      if (!isSettled(seat)) {
        seat.loop.signal(); // if it sleeps on a deferred message, or an older time: it looks again
        return false;
      }
      next = Math.min(next, seat.sleepsUntil);
    }
    if (next == Nanos.NEVER) {
      return false;
    }
    now = Math.max(now, next);
    for (Seat seat : seats) {
      if (seat.loop != loop) {
        seat.loop.signal();
      }
    }
    return true;
  }

  // ------------------------------------------------------------------ advancing

  private synchronized void begin() {
    for (Seat seat : seats) {
      if (seat.loop.isDriver()) {
        throw Misuse.fromItsOwnLoop(
            "MockTime.advance",
            seat.loop.name,
            seat.loop.runningTask(),
            "time is moved from outside; wait with a Timer");
      }
    }
    if (advancing) {
      throw new IllegalStateException("another thread advances this MockTime");
    }
    advancing = true;
  }

  private void end() {
    synchronized (this) {
      advancing = false;
    }
    left(); // what fell asleep meanwhile did not move time
  }

  private synchronized void moveTo(long time) {
    now = Math.max(now, time);
  }

  private synchronized List<Seat> seats() {
    return List.copyOf(seats);
  }

  private void signalAll() {
    for (Seat seat : seats()) {
      seat.loop.signal();
    }
  }

  /** Until a whole round over all dispatchers has run nothing. */
  private void settleAll() {
    long total = 0;
    long ran;
    do {
      ran = 0;
      for (Seat seat : seats()) {
        ran += settle(seat);
      }
      total += ran;
      if (total > STEP_LIMIT) {
        throw restless(null, seats());
      }
    } while (ran > 0);
  }

  /** Lets one dispatcher run until nothing is ready. Returns how many steps that were. */
  private long settle(Seat seat) {
    Loop loop = seat.loop;
    long before = loop.steps();
    while (loop.life() != Loop.CLOSED) {
      if (loop.dispatcher.mayDriveHere() && loop.tryEnter()) {
        RunOutcome outcome = loop.runForClock(STEP_LIMIT);
        if (outcome == RunOutcome.STEP_LIMIT) {
          throw restless(loop.stepLimitCulprit, List.of(seat));
        }
        break;
      }
      if (awaitSettled(seat, before)) {
        break;
      }
    }
    return loop.steps() - before;
  }

  /** Returns false if the driver has left. */
  private synchronized boolean awaitSettled(Seat seat, long stepsBefore) {
    boolean interrupted = false;
    try {
      while (!isSettled(seat)) {
        if (isUndriven(seat.loop) || !seats.contains(seat)) {
          return false;
        }
        if (seat.loop.steps() - stepsBefore > STEP_LIMIT) {
          throw restless(seat.loop.runningTask(), List.of(seat));
        }
        seat.loop.signal();
        try {
          wait(RECHECK_MILLIS);
        } catch (InterruptedException e) {
          interrupted = true; // restored below
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Nobody will run it before somebody is told to. A hosted one is run by its host when it is
   * asked.
   */
  private static boolean isUndriven(Loop loop) {
    return !loop.isHosted() && loop.driverThread() == null;
  }

  /** Under the lock. */
  private boolean isSettled(Seat seat) {
    return seat.loop.isAsleep() && seat.loop.isInboxEmpty() && seat.settledAt == now;
  }

  /** The earliest moment that something waits for, or {@link TimerWheel#NEVER}. */
  private long next() {
    long next = Nanos.NEVER;
    for (Seat seat : seats()) {
      if (seat.loop.tryEnter()) {
        try {
          next = Math.min(next, seat.loop.earliestDeadline());
        } finally {
          seat.loop.leave();
        }
      } else {
        synchronized (this) {
          next = Math.min(next, seat.sleepsUntil);
        }
      }
    }
    return next;
  }

  private static IllegalStateException restless(@Nullable String culprit, List<Seat> seats) {
    StringBuilder dump = new StringBuilder("time can not move: a dispatcher does not come to rest");
    if (culprit != null) {
      dump.append("; run last: ").append(culprit);
    }
    for (Seat seat : seats) {
      dump.append(System.lineSeparator()).append(DispatcherSnapshot.of(seat.loop));
    }
    return new IllegalStateException(dump.toString());
  }
}
