package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One stay of a task on a dispatcher, from its post to its end: the waker, the queue entry, the
 * inbox node, the registry entry and the context of its polls in one object. Made anew for each
 * post and never used again, so a late wake or cancel of one posting can not touch the next one.
 * (One whose waker nobody has asked for, and that nobody can cancel, may be: {@link #revive}.)
 *
 * <h2>States</h2>
 *
 * <pre>
 *            post                     taken from the run queue
 *   (none) --------> QUEUED ---------------------------------> RUNNING
 *                      ^                                          |
 *                      |  wake            Pending, not woken      |  Ready, threw, cancel requested
 *                      +-------- SLEEPING <-----------------------+---> COMPLETED, FAILED, CANCELLED
 *                      |                                          |
 *                      +------------------------------------------+  Pending, woken meanwhile
 * </pre>
 *
 * QUEUED is {@link #queued}, RUNNING is {@code loop.current == slot}, SLEEPING is neither: the
 * states are derived, so the hot path writes one boolean.
 *
 * <h2>The split wake</h2>
 *
 * The driver wakes with plain fields: {@code if (!queued) { queued = true; append; }}. A foreign
 * thread uses one word, {@link #notified}, which means exactly "linked in the inbox": who changes
 * it from false to true pushes the posting. Only the drain changes it back, after it has unlinked
 * the posting and read its link, and with an RMW. Why each of these three matters:
 *
 * <ul>
 *   <li>Were it cleared when the poll starts, a posting that was polled by way of a local wake
 *       while it is still linked could be pushed a second time: the list would become a cycle.
 *   <li>Were it cleared before the link was read, a foreign thread could push the posting again and
 *       overwrite the link: what stands behind it would be lost.
 *   <li>A waker that finds true leaves it at that; its writes must reach the poll all the same
 *       (tokio #7589 is the story of a runtime in which they did not). Its getAndSet is a release,
 *       and the drain's getAndSet comes later in the total order of the RMWs of this word, so it
 *       synchronizes with it. A plain or release store of false would read nothing and so order
 *       nothing.
 * </ul>
 *
 * <table>
 * <caption>Who may touch what</caption>
 * <tr><th>field</th><th>written by</th><th>read by</th></tr>
 * <tr><td>notified</td><td>any thread: getAndSet true (volatile); drain: getAndSet false (volatile)</td>
 * <td>the same RMWs: each pairs with the other</td></tr>
 * <tr><td>next</td><td>who changed notified to true, before its push</td><td>drain, after the take</td></tr>
 * <tr><td>loop</td><td>constructor; driver, once, null at the end, which tells the end</td><td>any thread, plain: it gets this
 * posting by a safe publication, and a value that is out of date costs a dead entry that the drain
 * skips</td></tr>
 * <tr><td>cancelRequested</td><td>any thread: CAS from false (volatile), before its wake</td><td>driver (volatile)</td></tr>
 * <tr><td>stop</td><td>any thread: compareAndExchange to a source; driver at the end: getAndSet</td>
 * <td>the same</td></tr>
 * <tr><td>all others</td><td>driver</td><td>driver; dumps read them racily and say so</td></tr>
 * </table>
 *
 * The role of the driver is handed over by a CAS on {@code Loop.driver}, so what is plain here is
 * seen by the next driver.
 */
final class Posting extends PolledFields implements Waker, Context {
  /** How a stay ends. */
  static final byte COMPLETED = 1;

  static final byte FAILED = 2;
  static final byte CANCELLED = 3;

  private static final VarHandle NOTIFIED =
      fieldVarHandle(
          MethodHandles.lookup(), "notified", VarHandle.class, Posting.class, boolean.class);
  private static final VarHandle CANCEL_REQUESTED =
      fieldVarHandle(
          MethodHandles.lookup(),
          "cancelRequested",
          VarHandle.class,
          PolledFields.class,
          boolean.class);
  private static final VarHandle STOP =
      fieldVarHandle(MethodHandles.lookup(), "stop", VarHandle.class, Posting.class, Object.class);

  /** Set exactly while this is linked in the inbox. See the table. */
  @SuppressWarnings("unused") // by way of NOTIFIED
  private boolean notified;

  /**
   * The {@link JoinHandle}, if there is one, which then has the {@linkplain #locals} too; else
   * those, or null. After the end what the task was called, if known.
   */
  private @Nullable Object handleOrLocals;

  /**
   * The {@link StopSource}, once somebody asked for the token or requested the stop before that.
   * Until then null, or the {@link StopToken} below which it will be: most tasks never ask, and so
   * cost that one nothing.
   */
  private volatile @Nullable Object stop;

  /** Its poll is on the stack below another one that was dispatched from it. */
  boolean below;

  /** The {@link #number}, in two parts: a long would be two bytes more than there is room for. */
  private int numberLow;

  private short numberHigh;

  /** When it was registered, on the clock the loop last read. */
  long accepted;

  Posting(Loop loop, Pollable<?> body, @Nullable JoinHandle<?> handle) {
    this.loop = loop;
    this.body = body;
    this.handleOrLocals = handle;
    inheritLocals(loop);
  }

  private void inheritLocals(Loop to) {
    TaskLocals inherited = TaskLocals.inherited(to);
    if (inherited != null) {
      locals(inherited);
    }
  }

  /** Before it is published: its token is stopped with another one. */
  void stopWith(StopToken parent) {
    stop = parent;
  }

  /**
   * Driver only, after the end. Makes a new stay of one that nobody can have kept: its waker and
   * its token were not asked for, and no other thread has seen its task.
   *
   * @return false if it may have been kept
   */
  boolean revive(Loop to, Task task) {
    if (asked || queued || cancelRequested || stop != null) {
      return false;
    }
    loop = to;
    body = task;
    handleOrLocals = null;
    inheritLocals(to);
    begun = false;
    polls = 0;
    return true;
  }

  /** The posting whose poll a context was made for. */
  static Posting of(Context cx) {
    Posting posting = cx instanceof DerivedContext derived ? derived.posting() : (Posting) cx;
    posting.running();
    return posting;
  }

  // ------------------------------------------------------------------ waking, any thread

  @Override
  public void wake() {
    Loop l = loop; // once: the end nulls it
    if (l == null) {
      return;
    }
    if (l.driver == Thread.currentThread()) {
      wakeLocally(l);
    } else if (!(boolean) NOTIFIED.getAndSet(this, true)) {
      l.push(this); // if it was refused the inbox is sealed, and this posting is about to end
    }
  }

  /** On the loop. */
  void wakeLocally(Loop l) {
    if (!queued) {
      queued = true;
      l.queue.append(slot);
    }
  }

  /**
   * For a posting that is not published yet: it is born linked, so its push needs no RMW; and
   * queued, so that a wake on the loop, before the loop has taken it, leaves it to the drain.
   */
  void bornNotified() {
    notified = true;
    queued = true;
  }

  @Override
  void drained(Loop l) {
    NOTIFIED.getAndSet(this, false); // volatile RMW: reads what every coalesced waker released
    if (body == null) {
      return; // it has ended; there is nobody to poll
    }
    if (slot == UNREGISTERED) {
      l.register(this);
      l.queue.append(slot);
    } else {
      wakeLocally(l);
    }
  }

  /**
   * Any thread. Asks the loop to end this posting in a turn of its own.
   *
   * @return false if it has ended, or was asked before
   */
  boolean requestCancel() {
    if (isEnded() || !CANCEL_REQUESTED.compareAndSet(this, false, true)) {
      return false;
    }
    try {
      requestStop();
    } finally { // whatever a waker that is not ours has thrown
      wake();
    }
    return true;
  }

  /** Any thread. Stops the token, also the one that is yet to be asked for. */
  void requestStop() {
    Object s = stop;
    while (!(s instanceof StopSource)) {
      Object seen = STOP.compareAndExchange(this, s, StopSource.STOPPED);
      if (seen == s) {
        return;
      }
      s = seen;
    }
    ((StopSource) s).stop();
  }

  // ------------------------------------------------------------------ the context, on the loop

  @Override
  @SuppressWarnings("ReferenceEquality") // a constant, and an equal one does no harm
  public Waker waker(String why) {
    running();
    asked = true;
    if (reason != requireNonNull(why, "why")) {
      reason = why; // mostly it is the same as before, and a stored reference is dear
    }
    return this;
  }

  @Override
  public <T extends @Nullable Object> Poll<T> park() {
    running();
    asked = true;
    reason = "parked";
    return Poll.pending();
  }

  @Override
  public boolean tryProceed() {
    Loop l = running();
    if (l.spendBudget()) {
      return true;
    }
    asked = true;
    wakeLocally(l);
    return false;
  }

  @Override
  public boolean isBudgetSpent() {
    return running().isBudgetSpent();
  }

  @Override
  public Dispatcher dispatcher() {
    return running().dispatcher;
  }

  @Override
  public StopToken stopToken() {
    running();
    Object s = stop;
    if (s instanceof StopSource source) {
      return source.token();
    }
    StopSource fresh = s == null ? new StopSource() : StopSource.childOf((StopToken) s);
    Object seen = STOP.compareAndExchange(this, s, fresh);
    if (seen == s) {
      return fresh.token();
    }
    fresh.close();
    return ((StopSource) seen).token(); // stopped since: only the loop makes one
  }

  @Override
  public long now() {
    return running().now;
  }

  @Override
  public String taskName() {
    return name();
  }

  @Override
  public Context withWaker(Waker waker) {
    running();
    return new DerivedContext(this, waker);
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
      if (poll.isPending() && !asked && !queued) {
        throw Misuse.pendingWithoutWaker(child, name());
      }
      return poll;
    } finally {
      asked |= before; // also if the child threw: the caller may go on
    }
  }

  private Loop running() {
    Loop l = loop;
    if (l == null || l.current != slot) {
      throw Misuse.outsidePoll(name());
    }
    return l;
  }

  // ------------------------------------------------------------------ names, states, the end

  @Override
  public boolean isEnded() {
    return loop == null;
  }

  /** Woken by a foreign thread, and not taken from the inbox yet. For snapshots, racily. */
  boolean isNotified() {
    return (boolean) NOTIFIED.getOpaque(this);
  }

  /** For messages and dumps. Any thread, though what it sees may be out of date. */
  String name() {
    Object h = handleOrLocals;
    if (h instanceof String ended) {
      return ended;
    }
    JoinHandle<?> joined = h instanceof JoinHandle<?> j ? j : null;
    String n = joined == null ? null : joined.taskName();
    if (n == null) {
      Pollable<?> b = body;
      if (b == null) {
        return "(ended)";
      }
      n = b instanceof Task task ? task.name() : Names.of(b);
      if (joined != null) {
        joined.tell(n);
      }
    }
    return n;
  }

  /** Until the end. */
  @Nullable JoinHandle<?> handle() {
    return handleOrLocals instanceof JoinHandle<?> joined ? joined : null;
  }

  /** The values of {@link TaskLocal}s; set before it is published, then by the driver. */
  @Nullable TaskLocals locals() {
    Object h = handleOrLocals;
    return h instanceof JoinHandle<?> joined
        ? joined.locals
        : h instanceof TaskLocals locals ? locals : null;
  }

  void locals(@Nullable TaskLocals values) {
    if (handleOrLocals instanceof JoinHandle<?> joined) {
      joined.locals = values;
    } else {
      handleOrLocals = values;
    }
  }

  /**
   * Counts the postings of a dispatcher in the order of acceptance, modulo 2<sup>48</sup>, which is
   * nine million a second for a year; given when it is registered.
   */
  long number() {
    return Short.toUnsignedLong(numberHigh) << 32 | Integer.toUnsignedLong(numberLow);
  }

  void number(long number) {
    numberHigh = (short) (number >>> 32);
    numberLow = (int) number;
  }

  /** In the order of acceptance, also where the number comes round to zero. */
  static int inOrder(Posting a, Posting b) {
    return Long.signum((a.number() - b.number()) << 16);
  }

  /** Nulls every reference, so that a waker which outlives the task keeps nothing alive. */
  void release() {
    loop = null;
    body = null;
    Object h = handleOrLocals;
    if (h instanceof JoinHandle<?> joined) {
      joined.locals = null;
      handleOrLocals = joined.taskName();
    } else {
      handleOrLocals = null;
    }
    reason = null;
    if (stop != null && STOP.getAndSet(this, StopSource.STOPPED) instanceof StopSource source) {
      source.retire(); // what it hangs on may live long
    }
  }

  @Override
  public String toString() {
    return "task '" + name() + "'";
  }
}
