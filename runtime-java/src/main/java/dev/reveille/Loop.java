package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.System.Logger;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;
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
 * <h2>Three ways in</h2>
 *
 * The driver appends to the run queue. A foreign thread pushes into the {@link Inbox} and then
 * looks at the {@link SleepGate}. If nobody drives, everybody is foreign. Who drives is told by
 * {@link DriverRole}.
 *
 * <h2>Life</h2>
 *
 * OPEN, DRAINING, CLOSED: {@link Closing} has the protocol. Acceptance from foreign threads is a
 * push into the inbox, and the close seals the inbox, so both are one atomic step.
 *
 * <table>
 * <caption>Fields that threads share</caption>
 * <tr><th>field</th><th>writes</th><th>reads that pair</th></tr>
 * <tr><td>driver</td><td colspan="2">see {@link DriverRole}</td></tr>
 * <tr><td>inbox</td><td colspan="2">see {@link Inbox}</td></tr>
 * <tr><td>gate</td><td colspan="2">see {@link SleepGate}</td></tr>
 * <tr><td>attention</td><td>any thread: getAndBitwiseOr (volatile), then a look at the gate; driver:
 * getAndBitwiseAnd</td><td>driver: opaque between entries, volatile before the sleep</td></tr>
 * <tr><td>guards</td><td>any thread: getAndAdd (volatile), then a look at the gate</td><td>driver,
 * volatile, <em>before</em> it looks at the inbox: who posted and then closed its guard is seen; and again
 * before the sleep</td></tr>
 * <tr><td>life</td><td>CAS or set (volatile), then a look at the gate</td><td>any thread (volatile);
 * driver again before the sleep</td></tr>
 * <tr><td>all others</td><td>driver, plain</td><td>driver; snapshots, racily</td></tr>
 * </table>
 */
final class Loop extends Entries {
  static final int OPEN = 0;
  static final int DRAINING = 1;
  static final int CLOSED = 2;

  /** Bits of {@link #attention}. */
  static final int STOP = 1;

  static final int CLOSE = 2;

  private static final Logger LOGGER = System.getLogger("dev.reveille.loop");

  private static final VarHandle ATTENTION = handle("attention", int.class);
  private static final VarHandle GUARDS = handle("guards", int.class);
  private static final VarHandle LIFE = handle("life", int.class);

  private static VarHandle handle(String field, Class<?> type) {
    return fieldVarHandle(MethodHandles.lookup(), field, VarHandle.class, Loop.class, type);
  }

  final Ticker ticker;
  final TimerWheel timers = new TimerWheel();
  final Closing closing = new Closing(this);
  final Services services;
  private final Inbox inbox = new Inbox();
  private final SleepGate gate;
  private final @Nullable MockTime mockTime;
  private final int pollsPerTurn;
  private final long slack;
  private final int spins;

  /** The ticker's reading at the origin of {@link #timers}. */
  private final long origin;

  private volatile int attention;
  private volatile int guards;
  private volatile int life;

  /** Volatile: tells a thread that finds the role taken to wait. Written by {@link MockTime}. */
  private volatile boolean drivenByClock;

  private boolean interruptReported;

  /** Armed {@link TimedPost}s: they are work; poll timers are not. */
  private int timedPosts;

  long lastRunSteps;
  @Nullable String stepLimitCulprit;

  Loop(Dispatcher dispatcher, DispatcherOptions options) {
    super(dispatcher, options);
    this.gate = new SleepGate(dispatcher);
    this.services = new Services(dispatcher);
    this.ticker = options.ticker();
    this.pollsPerTurn = options.pollsPerTurn();
    this.spins = options.spins();
    this.origin = ticker.read();
    this.now = origin;
    this.mockTime = ticker instanceof MockTime mock ? mock : null;
    this.slack = mockTime == null ? Nanos.of(options.timerSlack()) : 0;
    if (mockTime != null) {
      mockTime.attach(this);
    }
  }

  // ------------------------------------------------------------------ from any thread to the loop

  /** Pushes and wakes. Returns false if the inbox is sealed. */
  boolean push(InboxNode node) {
    if (!inbox.push(node)) {
      return false;
    }
    signal();
    return true;
  }

  /** Pushes and leaves the loop asleep: it finds the node when it next looks. */
  private boolean pushQuietly(InboxNode node) {
    return inbox.push(node);
  }

  void pushCancelled(TimedPost timed) {
    if (pushQuietly(timed)) {
      gate.signalIfOnlyTimedPosts();
    }
  }

  /** Any thread, after it left a message. */
  void signal() {
    gate.signal();
  }

  void attention(int bit) {
    ATTENTION.getAndBitwiseOr(this, bit);
    signal();
  }

  void guardOpened() {
    GUARDS.getAndAdd(this, 1);
  }

  void guardClosed() {
    if ((int) GUARDS.getAndAdd(this, -1) == 1) {
      signal();
    }
  }

  // ------------------------------------------------------------------ acceptance

  /** Whether the caller is work of this loop: what it posts is accepted while draining. */
  private boolean fromWork() {
    return isDriver() && (life == OPEN || (life == DRAINING && inTurn));
  }

  /** Queues a callback (no tag) or an adapter's block. */
  void post(BlockOwner.@Nullable Tag tag, Runnable block, boolean quietly) {
    if (isDriver()) {
      if (life == CLOSED || (tag == null && !fromWork())) {
        throw refuse("callback", block);
      }
      enqueue(tag, block);
      return;
    }
    PostedBlock node = new PostedBlock(block, tag);
    if (life == OPEN || (tag != null && life == DRAINING)) {
      if (quietly ? pushQuietly(node) : push(node)) {
        return;
      }
    }
    throw refuse("callback", block);
  }

  TimedPost postAt(long deadline, BlockOwner.@Nullable Tag tag, Runnable block) {
    TimedPost timed = new TimedPost(this, deadline, tag, block);
    if (isDriver()) {
      if (life == CLOSED || (tag == null && !fromWork())) {
        throw refuse("timed callback", block);
      }
      timed.armLocally();
      return timed;
    }
    if ((life == OPEN || (tag != null && life == DRAINING)) && pushQuietly(timed)) {
      gate.signalIfSleepsPast(deadline);
      return timed;
    }
    throw refuse("timed callback", block);
  }

  /** Accepts a posting, or returns false. The posting is not published yet. */
  boolean accept(Posting posting) {
    if (isDriver()) {
      if (!fromWork()) {
        return false;
      }
      register(posting);
      posting.queued = true;
      queue.append(posting);
      return true;
    }
    posting.bornNotified();
    return life == OPEN && push(posting);
  }

  RejectedExecutionException refuse(String what, Object it) {
    return Misuse.refused(what, Misuse.describe(it), name, life);
  }

  // ------------------------------------------------------------------ on the loop

  void enqueue(BlockOwner.@Nullable Tag tag, Runnable block) {
    if (tag == null) {
      queue.append(block);
    } else {
      queue.append(tag, block);
    }
  }

  void arm(TimerNode timer, long deadline) {
    assert isDriver();
    if (timer instanceof TimedPost) {
      timedPosts++;
    }
    timers.arm(timer, deadline == Nanos.NEVER ? deadline : Nanos.subtract(deadline, origin));
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

  /** Takes what foreign threads left. */
  private void drain() {
    assert isDriver();
    unpack(inbox.take());
  }

  private void unpack(@Nullable InboxNode oldest) {
    InboxNode node = oldest;
    while (node != null) {
      InboxNode following = node.next; // before drained() gives the node free
      node.next = null;
      node.drained(this);
      node = following;
    }
  }

  /**
   * The look outside: inbox, clock, timers, I/O. If nothing is ready after the first three, and the
   * loop may sleep, I/O is left to the sleep, which waits for it anyway: one system call less per
   * sleep.
   */
  private void lookOutside(boolean maySleep) {
    drain();
    now = ticker.read();
    fireDue(now - origin);
    if (maySleep && queue.isEmpty()) {
      return;
    }
    clearInterrupt();
    try {
      dispatcher.pollEvents();
    } catch (InterruptedException e) {
      noteInterrupt();
    } catch (Throwable t) {
      uncaught("I/O of dispatcher '" + name + "'", t);
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

  /** The rest of {@link #run}, for those who took the role themselves. Gives it back. */
  RunOutcome runEntered(Until until, long deadline, long stepLimit, @Nullable JoinHandle<?> done) {
    long before = steps();
    interruptReported = false;
    try {
      return turns(until, deadline, stepLimit, done);
    } finally {
      lastRunSteps = steps() - before;
      inTurn = false;
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
    long left = stepLimit;
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
      for (int n = pollsPerTurn; n > 0; n--) {
        Object entry = queue.poll();
        if (entry == null) {
          break;
        }
        runEntry(entry);
        if (--left <= 0 && !queue.isEmpty()) {
          stepLimitCulprit = describeEntry(entry);
          return RunOutcome.STEP_LIMIT;
        }
        if ((int) ATTENTION.getOpaque(this) != 0 || (done != null && done.isDone())) {
          break;
        }
      }
    }
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
      return RunOutcome.IDLE;
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
      if (!inbox.isEmpty()) {
        return;
      }
      Thread.onSpinWait();
    }
    long wakeup = mockTime == null ? timers.nextWakeup() : timers.earliest();
    long until = wakeup == Nanos.NEVER ? wakeup : Nanos.add(wakeup + origin, slack);
    until = Math.min(until, deadline);
    gate.announce(until, endsWithTimers);
    // Now look once more at all that a foreign thread leaves before it looks at the gate.
    if (inbox.isEmpty() && attention == 0 && life == lifeSeen && !(guarded && guards == 0)) {
      clearInterrupt();
      try {
        if (mockTime == null) {
          dispatcher.parkLoop(until == Nanos.NEVER ? Nanos.NEVER : until - now);
        } else if (!mockTime.asleep(this, until)) {
          dispatcher.parkLoop(Nanos.NEVER); // mock time wakes us when it has moved
        }
      } catch (InterruptedException e) {
        noteInterrupt();
      } catch (Throwable t) {
        uncaught("sleep of dispatcher '" + name + "'", t);
      }
    }
    gate.awake();
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

  int life() {
    return life;
  }

  @Override
  boolean isOpen() {
    return life == OPEN;
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
  void left() {
    closing.performIfAbandoned();
    if (mockTime != null) {
      mockTime.left();
    }
  }

  boolean beginDraining() {
    boolean first = LIFE.compareAndSet(this, OPEN, DRAINING);
    if (first) {
      signal();
    }
    return first;
  }

  /** Seals the inbox and moves what was in it to where it belongs. After it nothing is accepted. */
  void seal() {
    assert isDriver();
    LIFE.setVolatile(this, CLOSED);
    forbid(1);
    unpack(inbox.seal());
    forbid(-1);
  }

  void markClosed() {
    LIFE.setVolatile(this, CLOSED);
    if (mockTime != null) {
      mockTime.detach(this);
    }
  }

  boolean isAsleep() {
    return gate.isAnnounced();
  }

  boolean isInboxEmpty() {
    return inbox.isEmpty();
  }

  boolean isQuiet() {
    return queue.isEmpty() && inbox.isEmpty();
  }

  /** Empties the wheel at the close; the blocks of callback timers go to the run queue. */
  void disarmAll() {
    for (TimerNode timer : timers.disarmAll()) {
      if (timer instanceof TimedPost timed) {
        timed.handBack(this);
      }
    }
    timedPosts = 0;
  }

  int timedPosts() {
    return timedPosts;
  }

  int guards() {
    return guards;
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
