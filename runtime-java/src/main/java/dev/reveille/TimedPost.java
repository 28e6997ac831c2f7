package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A callback that is queued when its time has come: see {@link Dispatcher#postAt}. It counts as
 * work until then.
 *
 * <p><b>Threading.</b> All methods may be called by any thread. <b>Memory effects.</b> Actions
 * before the arming happen-before the callback.
 *
 * <p>One word says how far it is: NEW (on its way from a foreign thread, with a message in the
 * inbox), ARMED (in the timer wheel), FIRED, CANCELLED. The end is claimed by CAS, by the loop that
 * fires it or the thread that cancels it; who wins owns the block. A foreign thread that cancels an
 * armed one leaves it in the wheel without its block and sends another message, so that the loop
 * takes it out when it next looks into the inbox. A message is fresh, so that none can be in the
 * inbox twice.
 *
 * <p>An answer and its time-out, of which one is told:
 *
 * <pre>{@code
 * TimedPost timeout = dispatcher.postAfter(Duration.ofSeconds(5), () -> log.add("no answer"));
 * client.ask(
 *     "how are you?",
 *     answer -> { // any thread
 *       if (timeout.cancel()) { // false: the time was over first
 *         dispatcher.post(() -> log.add(answer));
 *       }
 *     });
 * }</pre>
 */
public final class TimedPost extends TimerNode {
  /** To the loop: look at this one, which a foreign thread has armed or cancelled. */
  static final class Message extends InboxNode {
    private final TimedPost timed;

    Message(TimedPost timed) {
      this.timed = timed;
    }

    @Override
    void drained(Loop loop) {
      timed.drained(loop);
    }
  }

  private static final VarHandle STATE =
      fieldVarHandle(MethodHandles.lookup(), "state", VarHandle.class, TimedPost.class, int.class);

  private static final int NEW = 0;
  private static final int ARMED = 1;
  private static final int FIRED = 2;
  private static final int CANCELLED = 3;

  private final Loop loop;
  private final long deadline;
  private final BlockOwner.@Nullable Tag tag;

  /** Plain: set before publication, then touched only by the one who claimed the end. */
  private @Nullable Runnable block;

  /** CAS (volatile) by drain, fire and cancel; each pairs with the others. */
  private volatile int state;

  TimedPost(Loop loop, long deadline, BlockOwner.@Nullable Tag tag, Runnable block) {
    this.loop = loop;
    this.deadline = deadline;
    this.tag = tag;
    this.block = block;
  }

  /**
   * Takes the callback back, and drops the reference to it, if it was not queued yet. Answers at
   * once; the loop is not woken for it, unless it sleeps for nothing else than callbacks like this
   * one and would return when they are gone.
   *
   * @return true if this call did it; false if the callback was queued or cancelled before
   */
  public boolean cancel() {
    for (; ; ) {
      int s = state;
      if (s >= FIRED) {
        return false;
      }
      boolean local = loop.isDriver();
      // First of all: a cancel that fails for want of memory has changed nothing.
      Message message = s == ARMED && !local ? new Message(this) : null;
      if (STATE.compareAndSet(this, s, CANCELLED)) {
        block = null;
        if (message != null) {
          loop.pushCancelled(message);
        } else if (s == ARMED) {
          loop.disarm(this);
        }
        return true;
      }
    }
  }

  /**
   * Whether the callback was queued or cancelled.
   *
   * @return false while it waits for its time
   */
  public boolean isDone() {
    return state >= FIRED;
  }

  /**
   * Whether the callback was taken back.
   *
   * @return true after a {@link #cancel} that returned true, or a close of the dispatcher
   */
  public boolean isCancelled() {
    return state == CANCELLED;
  }

  /**
   * When it is due, in nanoseconds of the dispatcher's {@link Ticker}.
   *
   * @return the deadline; {@link Long#MAX_VALUE} means never
   */
  public long deadline() {
    return deadline;
  }

  /** On the loop, straight into the wheel. Not published yet. */
  void armLocally() {
    state = ARMED;
    loop.arm(this, deadline);
  }

  private void drained(Loop l) {
    if (STATE.compareAndSet(this, NEW, ARMED)) {
      l.arm(this, deadline);
    } else if (isArmed()) {
      l.disarm(this);
    }
  }

  @Override
  void fire(Loop l) {
    Runnable claimed = claim(FIRED);
    if (claimed != null) {
      l.enqueue(tag, claimed);
    }
  }

  /** At the close of the dispatcher: whoever gets the block sees to it. */
  void handBack(Loop l) {
    Runnable claimed = claim(CANCELLED);
    if (claimed != null) {
      l.enqueue(tag, claimed);
    }
  }

  private @Nullable Runnable claim(int end) {
    int s = state;
    while (s < FIRED) {
      if (STATE.compareAndSet(this, s, end)) {
        Runnable claimed = block;
        block = null;
        return claimed;
      }
      s = state;
    }
    return null;
  }

  @Override
  public String toString() {
    String[] words = {"on its way", "armed", "queued", "cancelled"};
    return "TimedPost[at " + deadline + ", " + words[state] + "]";
  }
}
