package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What comes into a loop, and whether it is accepted.
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
 * <tr><td>inbox</td><td colspan="2">see {@link Inbox}</td></tr>
 * <tr><td>gate</td><td colspan="2">see {@link SleepGate}</td></tr>
 * <tr><td>attention</td><td>any thread: getAndBitwiseOr (volatile), then a look at the gate; driver:
 * getAndBitwiseAnd</td><td>driver: opaque between entries, volatile before the sleep</td></tr>
 * <tr><td>guards</td><td>any thread: getAndAdd (volatile), then a look at the gate</td><td>driver,
 * volatile, <em>before</em> it looks at the inbox: who posted and then closed its guard is seen; and again
 * before the sleep</td></tr>
 * <tr><td>life</td><td>CAS or set (volatile), then a look at the gate</td><td>any thread (volatile);
 * driver again before the sleep</td></tr>
 * </table>
 */
abstract sealed class Intake extends Entries permits Loop {
  static final int OPEN = 0;
  static final int DRAINING = 1;
  static final int CLOSED = 2;

  /** Bits of {@link #attention}. */
  static final int STOP = 1;

  static final int CLOSE = 2;

  static final VarHandle ATTENTION = handle("attention", int.class);
  private static final VarHandle GUARDS = handle("guards", int.class);
  static final VarHandle LIFE = handle("life", int.class);

  private static VarHandle handle(String field, Class<?> type) {
    return fieldVarHandle(MethodHandles.lookup(), field, VarHandle.class, Intake.class, type);
  }

  final Inbox inbox = new Inbox();
  final SleepGate gate;

  volatile int attention;
  volatile int guards;
  volatile int life;

  /** Armed {@link TimedPost}s: they are work; poll timers are not. */
  int timedPosts;

  Intake(Dispatcher dispatcher, DispatcherOptions options) {
    super(dispatcher, options);
    this.gate = new SleepGate(dispatcher);
  }

  private Loop self() {
    return (Loop) this; // the one subclass
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

  void pushCancelled(TimedPost.Message message) {
    if (pushQuietly(message)) {
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

  /**
   * Of the driver's, once it is no longer open: what work of this loop posts, and blocks of
   * adapters, are accepted while draining.
   */
  private boolean isAcceptedLate(BlockOwner.@Nullable Tag tag) {
    return life == DRAINING && (tag != null || inTurn);
  }

  /** Queues a callback (no tag) or an adapter's block. */
  void post(BlockOwner.@Nullable Tag tag, Runnable block, boolean quietly) {
    if (isDriver()) {
      if (life != OPEN && !isAcceptedLate(tag)) {
        throw refuse("callback", block);
      }
      queue.append(tag, block);
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
    TimedPost timed = new TimedPost(self(), deadline, tag, block);
    if (isDriver()) {
      if (life != OPEN && !isAcceptedLate(tag)) {
        throw refuse("timed callback", block);
      }
      timed.armLocally();
      return timed;
    }
    if ((life == OPEN || (tag != null && life == DRAINING))
        && pushQuietly(new TimedPost.Message(timed))) {
      gate.signalIfSleepsPast(deadline);
      return timed;
    }
    throw refuse("timed callback", block);
  }

  /** Accepts a posting, or returns false. The posting is not published yet. */
  boolean accept(Posting posting) {
    if (isDriver()) {
      if (life != OPEN && !isAcceptedLate(null)) {
        return false;
      }
      register(posting);
      posting.queued = true;
      queue.append(posting.slot);
      return true;
    }
    posting.bornNotified();
    return life == OPEN && push(posting);
  }

  RejectedExecutionException refuse(String what, Object it) {
    return Misuse.refused(what, Names.of(it), name, life);
  }

  // ------------------------------------------------------------------ on the loop

  void enqueue(BlockOwner.@Nullable Tag tag, Runnable block) {
    queue.append(tag, block);
  }

  /** Takes what foreign threads left. */
  final void drain() {
    assert isDriver();
    unpack(inbox.take());
  }

  private void unpack(@Nullable InboxNode oldest) {
    InboxNode node = oldest;
    while (node != null) {
      InboxNode following = node.next; // before drained() gives the node free
      node.next = null;
      node.drained(self());
      node = following;
    }
  }

  // ------------------------------------------------------------------ life

  int life() {
    return life;
  }

  @Override
  boolean isOpen() {
    return life == OPEN;
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

  boolean isAsleep() {
    return gate.isAnnounced();
  }

  boolean isInboxEmpty() {
    return inbox.isEmpty();
  }

  int timedPosts() {
    return timedPosts;
  }

  int guards() {
    return guards;
  }
}
