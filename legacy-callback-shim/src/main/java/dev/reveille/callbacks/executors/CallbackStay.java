package dev.reveille.callbacks.executors;

import dev.reveille.TimedPost;
import org.jspecify.annotations.Nullable;

/**
 * One stay of a {@link CallbackTask} on a {@link CallbackDispatcher}: the block in the loop's
 * queue, and the node in the ring of what is posted. The loop's queue gives nothing back, so a stay
 * that was cancelled is still in there and is passed over when it comes; until then it can not be
 * used again.
 *
 * <p>All that changes is guarded by the lock of the dispatcher.
 */
final class CallbackStay implements CallbackContext, Runnable {
  private final CallbackEngine engine;
  private final CallbackTask task;

  CallbackStay previous = this;
  CallbackStay next = this;

  /** Counts the posts of a dispatcher: says which use of this object is meant. */
  long number;

  /** Whether the function is to be called when this comes. */
  boolean live;

  /** Whether it is in the loop's queue or among its timers, or about to be. */
  boolean inFlight;

  /** Whether it waits for a time, or has waited for it. */
  boolean timed;

  long deadline;

  /** What it waits with; null before it was armed, and when it is not live. */
  @Nullable TimedPost timedPost;

  CallbackStay(CallbackEngine engine, CallbackTask task) {
    this.engine = engine;
    this.task = task;
  }

  boolean isUnusedOn(CallbackEngine some) {
    return engine == some && !inFlight;
  }

  void begin(long newNumber, boolean atATime, long when) {
    number = newNumber;
    live = true;
    inFlight = true;
    timed = atATime;
    deadline = when;
  }

  /** Whether it has its place in the loop's queue, as far as is known. */
  boolean isQueued() {
    TimedPost armed = timedPost;
    return !timed || (armed != null && armed.isDone());
  }

  /** Ends the use; returns what it waits with. */
  @Nullable TimedPost end() {
    TimedPost armed = timedPost;
    live = false;
    timedPost = null;
    return armed;
  }

  void linkBefore(CallbackStay other) {
    previous = other.previous;
    next = other;
    previous.next = this;
    other.previous = this;
  }

  void unlink() {
    previous.next = next;
    next.previous = previous;
    previous = this;
    next = this;
  }

  /** The order of those who will not have their turn: what is queued, then what waits. */
  static int order(CallbackStay a, CallbackStay b) {
    if (a.timed != b.timed) {
      return a.timed ? 1 : -1;
    }
    int byTime = a.timed ? Long.compare(a.deadline, b.deadline) : 0;
    return byTime != 0 ? byTime : Long.compare(a.number, b.number);
  }

  /** By the loop, as the block of its turn. */
  @Override
  public void run() {
    engine.arrived(this);
  }

  @Override
  public CallbackDispatcher dispatcher() {
    return engine.facade;
  }

  @Override
  public CallbackTask task() {
    return task;
  }

  /** The name under which the loop reports a failure. */
  @Override
  public String toString() {
    return task.name();
  }
}
