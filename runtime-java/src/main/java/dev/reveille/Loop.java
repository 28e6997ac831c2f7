package dev.reveille;

import java.lang.System.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The engine of one dispatcher: what comes in, turns, and sleep.
 *
 * <h2>Turns</h2>
 *
 * A turn begins with a look outside: take the inbox, read the clock, fire due timers, poll I/O.
 * Then up to {@code pollsPerTurn} entries of the run queue are {@linkplain Entries run}, with no
 * look outside in between. What is posted or woken goes to the back, so a turn is fair among the
 * ready, and the look outside at its beginning keeps timers, I/O and foreign threads from starving.
 * The loop sleeps only when a look outside has left the queue empty.
 *
 * <p>How things come in, and the fields that threads share, are {@link Intake}'s; who drives is
 * {@link DriverRole}'s. What is here belongs to the driver and is plain, except where it says
 * otherwise.
 *
 * <h2>Loops of somebody else</h2>
 *
 * A dispatcher that is no {@link RunnableDispatcher} has no thread to sleep on. It runs until it is
 * stalled, and whoever gives the role back, after a run or a loan, announces the sleep first and
 * then looks again for what came meanwhile, as a driver does that is about to park. So at each
 * moment at which nobody drives such a loop, either its sleep is announced, and the next message
 * asks the platform for a run; or the platform was asked already.
 */
final class Loop extends Intake {
  private static final Logger LOGGER = System.getLogger("dev.reveille.loop");

  /**
   * Whose run the thread is in: set once a run, not once a poll. Never removed, but null between
   * runs, so that a run allocates nothing.
   */
  private static final ThreadLocal<@Nullable Loop> ON_THIS_THREAD = new ThreadLocal<>();

  final Ticker ticker;
  final TimerWheel timers = new TimerWheel();
  final Closing closing = new Closing(this);
  final Services services;
  private final @Nullable MockTime mockTime;
  private final int pollsPerTurn;
  private final long slack;
  private final int spins;

  /** The ticker's reading at the origin of {@link #timers}. */
  private final long origin;

  /** Volatile: tells a thread that finds the role taken to wait. Written by {@link MockTime}. */
  private volatile boolean drivenByClock;

  private boolean interruptReported;

  /** Whether this is a loop of somebody else. */
  private final boolean hosted;

  /** The count of steps before which I/O is not looked at again while something is ready. */
  private long nextIo;

  /** A run, as opposed to a loan of the role. */
  private boolean running;

  long lastRunSteps;
  @Nullable String stepLimitCulprit;

  Loop(Dispatcher dispatcher, DispatcherOptions options) {
    super(dispatcher, options);
    this.services = new Services(dispatcher);
    this.ticker = options.ticker();
    this.pollsPerTurn = options.pollsPerTurn();
    this.spins = options.spins();
    this.origin = ticker.read();
    this.now = origin;
    this.mockTime = ticker instanceof MockTime mock ? mock : null;
    this.slack = mockTime == null ? Nanos.of(options.timerSlack()) : 0;
    this.hosted = !(dispatcher instanceof RunnableDispatcher);
    if (hosted) {
      gate.announce(Nanos.NEVER, false); // the first message asks for the first run
    }
    if (mockTime != null) {
      mockTime.attach(this);
    }
  }

  // ------------------------------------------------------------------ on the loop

  void arm(TimerNode timer, long deadline) {
    assert isDriver();
    long due = deadline == Nanos.NEVER ? deadline : Nanos.subtract(deadline, origin);
    boolean first = !running && timers.isBeforeAll(due);
    timers.arm(timer, due);
    if (timer instanceof TimedPost) {
      timedPosts++; // now: there may be no room for one more
    }
    if (first) { // nobody is about to look how long to sleep
      dispatcher.newEarliestTimer();
    }
  }

  void disarm(TimerNode timer) {
    assert isDriver();
    if (timer.isArmed()) {
      if (timer instanceof TimedPost) {
        timedPosts--;
      }
      timers.disarm(timer);
    }
  }

  /**
   * The look outside: inbox, clock, timers, I/O. If nothing is ready after the first three, and the
   * loop may sleep, I/O is left to the sleep, which waits for it anyway: one system call less per
   * sleep. And while those whom the last look at I/O has woken are still queued, there is no other:
   * a selector would report them all again, and whom else it reports would queue up behind them
   * anyway.
   */
  private void lookOutside(boolean maySleep) {
    drain();
    now = ticker.read();
    fireDue(now - origin);
    if (queue.isEmpty() ? maySleep : steps() < nextIo) {
      return;
    }
    lookAtIo();
  }

  private void lookAtIo() {
    clearInterrupt();
    int before = queue.size();
    try {
      dispatcher.pollEvents();
    } catch (InterruptedException e) {
      noteInterrupt();
    } catch (Throwable t) {
      uncaught("I/O of dispatcher '" + name + "'", t);
    }
    if (queue.size() > before) {
      nextIo = steps() + queue.size();
    }
  }

  private void fireDue(long until) {
    for (TimerNode t = timers.pollDue(until); t != null; t = timers.pollDue(until)) {
      if (t instanceof TimedPost) {
        timedPosts--;
      }
      try {
        t.fire(this);
      } catch (Throwable thrown) { // by a waker that is not ours
        uncaught("waker of " + t, thrown);
      }
    }
  }

  // ------------------------------------------------------------------ runs

  /** How a run ends. */
  enum Until {
    /** Like STALLED, but for {@link MockTime}: a stop is left to the next run. */
    SETTLED,
    STALLED,
    NO_WORK,
    STOPPED
  }

  /**
   * Runs turns.
   *
   * @param deadline of a run for a time, on the ticker; {@link Nanos#NEVER} for none
   * @param stepLimit entries to run at most; {@link Long#MAX_VALUE} for no limit
   * @param done of a run until a task has ended; else null
   */
  RunOutcome run(
      String operation, Until until, long deadline, long stepLimit, @Nullable JoinHandle<?> done) {
    enter(operation);
    return runEntered(until, deadline, stepLimit, done);
  }

  /** The innermost loop that the calling thread runs, or null. */
  static @Nullable Loop onThisThread() {
    return ON_THIS_THREAD.get();
  }

  /** {@link Dispatcher#runPending}. */
  boolean runPending(long stepLimit) {
    if (!enterUnlessTaken("runPending")) {
      return false;
    }
    runEntered(Until.STALLED, Nanos.NEVER, stepLimit, null);
    return true;
  }

  /** The rest of {@link #run}, for those who took the role themselves. Gives it back. */
  RunOutcome runEntered(Until until, long deadline, long stepLimit, @Nullable JoinHandle<?> done) {
    long before = steps();
    nextIo = before;
    interruptReported = false;
    running = true;
    Loop outer = ON_THIS_THREAD.get(); // a task may run another dispatcher
    ON_THIS_THREAD.set(this);
    if (hosted) {
      gate.awake();
    }
    try {
      return turns(until, deadline, stepLimit, done);
    } finally {
      lastRunSteps = steps() - before;
      inTurn = false;
      running = false;
      ON_THIS_THREAD.set(outer);
      boolean restore = interrupted;
      interrupted = false;
      leave();
      if (restore) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private RunOutcome turns(
      Until until, long deadline, long stepLimit, @Nullable JoinHandle<?> done) {
    long end = steps() + stepLimit;
    if (end < 0) {
      end = Long.MAX_VALUE;
    }
    for (; ; ) {
      if (attention != 0) {
        RunOutcome outcome = attend(until);
        if (outcome != null) {
          return outcome;
        }
      }
      if (life == CLOSED) {
        return RunOutcome.CLOSED;
      }
      lookOutside(until == Until.NO_WORK || until == Until.STOPPED);
      if (done != null && done.isDone()) {
        return RunOutcome.IDLE;
      }
      if (now >= deadline && deadline != Nanos.NEVER) {
        return RunOutcome.TIME_UP;
      }
      if (queue.isEmpty()) {
        RunOutcome outcome = stalled(until, deadline);
        if (outcome != null) {
          return outcome;
        }
        continue;
      }
      if (steps() < end) { // not so if the queue was empty at the limit, and then something came
        turn(end - steps(), done);
      }
      if (steps() >= end && !queue.isEmpty()) {
        return RunOutcome.STEP_LIMIT;
      }
    }
  }

  /**
   * Runs what is ready: something is, and at least one entry is run.
   *
   * @param left how many entries the run may run yet, at least 1
   */
  private void turn(long left, @Nullable JoinHandle<?> done) {
    boolean withTheLast = left <= pollsPerTurn; // of a run with a limit: who it is will be told
    int most = withTheLast ? (int) left - 1 : pollsPerTurn;
    boolean goOn = true;
    beginTurn(most);
    while (pollsLeft > 0) {
      runNext();
      pollsLeft--;
      if (queue.isEmpty()
          || (int) ATTENTION.getOpaque(this) != 0
          || (done != null && done.isDone())) {
        goOn = false;
        break;
      }
    }
    int run = most - pollsLeft;
    if (goOn && withTheLast) {
      Object last = next(); // now: a block that is run is gone from the queue
      BlockOwner.Tag tag = queue.peekTag();
      runNext();
      run++;
      if (!queue.isEmpty()) {
        stepLimitCulprit = describe(last, tag);
      }
    }
    inTurn = false;
    current = Registry.NONE;
    countSteps(run);
  }

  /** {@link Dispatcher#tryYieldInPlace}. */
  boolean tryYieldInPlace() {
    return isDriver() && inbox.isEmpty() && (int) ATTENTION.getOpaque(this) == 0 && yieldInPlace();
  }

  /** Obeys stop and close, between entries. Returns null to go on. */
  private @Nullable RunOutcome attend(Until until) {
    if ((attention & CLOSE) != 0) {
      closing.perform();
      return RunOutcome.CLOSED;
    }
    if (until == Until.SETTLED) {
      return null; // a stop is meant for a run of the program's own
    }
    ATTENTION.getAndBitwiseAnd(this, ~STOP);
    return RunOutcome.STOPPED;
  }

  /** Nothing is ready after a look outside. Returns how the run ends, or null after a sleep. */
  private @Nullable RunOutcome stalled(Until until, long deadline) {
    queue.letGo(now);
    int lifeSeen = life;
    boolean guarded = guards != 0; // volatile, before the look at the inbox
    if (!inbox.isEmpty()) {
      return null;
    }
    boolean working = guarded || registry.size() != 0;
    boolean anyWork = working || timedPosts != 0;
    if (lifeSeen == DRAINING && !anyWork) {
      if (inbox.sealIfEmpty()) {
        closing.finish();
        return RunOutcome.CLOSED;
      }
      return null;
    }
    if (until == Until.STALLED || until == Until.SETTLED) {
      return anyWork ? RunOutcome.ASLEEP : RunOutcome.IDLE;
    }
    if (until == Until.NO_WORK && !anyWork) {
      // Left to a sleep that does not come; but what the last task has closed goes with a look.
      lookAtIo();
      return queue.isEmpty() ? RunOutcome.IDLE : null;
    }
    boolean endsWithTimers =
        !working && anyWork && (until == Until.NO_WORK || lifeSeen == DRAINING);
    sleep(deadline, endsWithTimers, lifeSeen, guarded);
    return null;
  }

  /**
   * Sleeps until a message, a timer or the deadline.
   *
   * @param endsWithTimers whether the run ends when the callback timers are gone
   * @param lifeSeen the life on which the decision to sleep stands
   * @param guarded whether it stands on a guard that was open
   */
  private void sleep(long deadline, boolean endsWithTimers, int lifeSeen, boolean guarded) {
    assert isDriver();
    for (int i = spins; i > 0; i--) {
      if (!inbox.isEmpty() || attention != 0 || life != lifeSeen) {
        return;
      }
      Thread.onSpinWait();
    }
    long until = Math.min(nextWakeup(), deadline);
    gate.announce(until, endsWithTimers);
    // Now look once more at all that a foreign thread leaves before it looks at the gate.
    if (inbox.isEmpty() && attention == 0 && life == lifeSeen && !(guarded && guards == 0)) {
      clearInterrupt();
      try {
        if (mockTime == null) {
          park(until == Nanos.NEVER ? Nanos.NEVER : until - now);
        } else if (!mockTime.asleep(this, until)) {
          park(Nanos.NEVER); // mock time wakes us when it has moved
        }
      } catch (InterruptedException e) {
        noteInterrupt();
      } catch (Throwable t) {
        uncaught("sleep of dispatcher '" + name + "'", t);
      }
    }
    gate.awake();
  }

  /** Sleeps, and that was a look at I/O. */
  private void park(long nanos) throws Exception {
    dispatcher.parkLoop(nanos);
    nextIo = steps() + Math.max(1, queue.size());
  }

  /** Until when the loop sleeps if nothing comes from outside, on the ticker. */
  private long nextWakeup() {
    long wakeup = mockTime == null ? timers.nextWakeup() : timers.earliest();
    return wakeup == Nanos.NEVER ? wakeup : Nanos.add(wakeup + origin, slack);
  }

  /**
   * Whoever is about to give the role of a hosted loop back: announces the sleep, if there is
   * nothing to do. Returns whether the platform is to be asked for a run.
   */
  @Override
  boolean leaving() {
    if (!hosted || life == CLOSED) {
      return false;
    }
    if (!queue.isEmpty()) {
      return true;
    }
    long until = nextWakeup();
    boolean idle = registry.size() == 0 && guards == 0;
    gate.announce(until, idle && life == DRAINING); // what ends it then may be a cancelled callback
    // As in sleep(): now look once more at all that a foreign thread leaves before it looks at the
    // gate.
    if (!inbox.isEmpty() || attention != 0) {
      return true;
    }
    if (life == DRAINING && registry.size() == 0 && timedPosts == 0 && guards == 0) {
      return true; // it was shut down, or the last guard was closed, while the gate said awake
    }
    if (mockTime != null) {
      return mockTime.asleep(this, until);
    }
    dispatcher.wakeAt(until);
    return false;
  }

  private void clearInterrupt() {
    if (Thread.interrupted()) {
      noteInterrupt();
    }
  }

  private void noteInterrupt() {
    interrupted = true;
    if (!interruptReported) {
      interruptReported = true;
      LOGGER.log(
          Logger.Level.WARNING,
          "thread ''{0}'' was interrupted while it drives dispatcher ''{1}''; the loop goes on, and"
              + " the interrupt is restored when the run returns (to end it, call stop())",
          Thread.currentThread().getName(),
          name);
    }
  }

  // ------------------------------------------------------------------ for Closing and MockTime

  /** Tasks and what is ready, about; any thread. */
  int load() {
    return registry.size() + queue.size() + (inbox.isEmpty() ? 0 : 1);
  }

  boolean isHosted() {
    return hosted;
  }

  @Override
  boolean isPassing() {
    return drivenByClock || closing.isRequested();
  }

  /** A run by {@link MockTime}, which has taken the role for it. */
  RunOutcome runForClock(long stepLimit) {
    drivenByClock = true;
    try {
      return runEntered(Until.SETTLED, Nanos.NEVER, stepLimit, null);
    } finally {
      drivenByClock = false;
    }
  }

  /**
   * What this thread posted or armed before it took the role went by way of the inbox; what it does
   * now does not, and must not overtake it.
   */
  @Override
  void entered() {
    drain();
  }

  /** Somebody may have asked for the close while we still had the role: see {@link Closing}. */
  @Override
  void left(boolean unfinished) {
    if (unfinished) {
      dispatcher.wakeLoop();
    }
    closing.performIfAbandoned();
    if (mockTime != null && !hosted) { // a hosted loop has reported its sleep in leaving()
      mockTime.left();
    }
  }

  void markClosed() {
    LIFE.setVolatile(this, CLOSED);
    if (mockTime != null) {
      mockTime.detach(this);
    }
  }

  boolean isQuiet() {
    return queue.isEmpty() && inbox.isEmpty();
  }

  /** Empties the wheel at the close; the blocks of callback timers go to the run queue. */
  void disarmAll() {
    if (timedPosts == 0) {
      timers.clear(); // a million that only wake would be sorted for nothing
      return;
    }
    for (TimerNode timer : timers.disarmAll()) {
      if (timer instanceof TimedPost timed) {
        timed.handBack(this);
      }
    }
    timedPosts = 0;
  }

  // ------------------------------------------------------------------ time

  /** The exact earliest deadline on the ticker, or {@link Nanos#NEVER}. Driver only. */
  long earliestDeadline() {
    long due = timers.earliest();
    return due == Nanos.NEVER ? due : due + origin;
  }

  /** Fires what is due up to a moment on the ticker. Driver only. */
  void awakenTimersUpTo(long time) {
    assert isDriver();
    fireDue(time - origin);
  }

  /** Reads the clock: a delay that counts from an old reading would end too early. */
  long deadlineAfter(long delay) {
    return Nanos.add(ticker.read(), Math.max(0, delay));
  }
}
