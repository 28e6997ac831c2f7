package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The announcement that a loop sleeps, and the one wake-up that ends it.
 *
 * <p>The loop announces its sleep and <em>then</em> looks once more at everything a foreign thread
 * may have left: inbox, attention, life, guards. A foreign thread leaves its message and
 * <em>then</em> looks at the announcement. Both sides store before they load, volatile, so at least
 * one sees the other (Dekker): either the loop does not go to sleep, or the foreign thread wakes
 * it. Whoever changes the announcement back to AWAKE, by CAS, does the one wake-up of this sleep;
 * so there is none while the loop is awake.
 *
 * <p>Some messages need no wake-up: a callback timer that is due later than the loop sleeps, a
 * deferred callback, a cancelled callback timer. They are left in the inbox, where the loop finds
 * them when it next looks. A cancelled one needs it after all if the loop sleeps for nothing else
 * than callback timers and its run ends when they are gone; the announcement says so.
 */
final class SleepGate {
  private static final VarHandle STATE =
      fieldVarHandle(MethodHandles.lookup(), "state", VarHandle.class, SleepGate.class, int.class);

  private static final int AWAKE = 0;
  private static final int ASLEEP = 1;

  /** Asleep, with nothing left but callback timers, in a run that ends when they are gone. */
  private static final int ASLEEP_FOR_TIMED_POSTS = 2;

  private final Dispatcher dispatcher;

  /** Driver: setVolatile; anybody: CAS to AWAKE; read volatile after a message was left. */
  private volatile int state;

  /** Plain: written before the announcement, read after a volatile read that found it. */
  private long until;

  SleepGate(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  /** By the driver; it looks at its messages again before it sleeps. */
  void announce(long sleepUntil, boolean forTimedPostsOnly) {
    until = sleepUntil;
    state = forTimedPostsOnly ? ASLEEP_FOR_TIMED_POSTS : ASLEEP;
  }

  /** By the driver, after the sleep or instead of it. */
  void awake() {
    state = AWAKE;
  }

  boolean isAnnounced() {
    return state != AWAKE;
  }

  /** Any thread, after it left a message: wakes the loop if it sleeps, once per sleep. */
  void signal() {
    int s = state;
    if (s != AWAKE && STATE.compareAndSet(this, s, AWAKE)) {
      dispatcher.wakeLoop();
    }
  }

  /** The same for a message that matters only if the loop would sleep past a deadline. */
  void signalIfSleepsPast(long deadline) {
    if (state != AWAKE && deadline < until) {
      signal();
    }
  }

  /** The same for a callback timer that is gone. */
  void signalIfOnlyTimedPosts() {
    if (state == ASLEEP_FOR_TIMED_POSTS) {
      signal();
    }
  }
}
