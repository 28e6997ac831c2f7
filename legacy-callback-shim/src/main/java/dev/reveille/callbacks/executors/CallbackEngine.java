package dev.reveille.callbacks.executors;

import static java.util.Objects.requireNonNull;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import dev.reveille.TimedPost;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link CallbackDispatcher} has posted, and what it tells the loop of it.
 *
 * <h2>Posting</h2>
 *
 * Two steps: under the lock it is decided what the stays of the tasks are; after it the loop is
 * told, so nobody is woken under the lock. Between the two others may cancel the task or post it
 * again. So what comes to the loop may be a stay that is not live any more, and is passed over; and
 * who has armed a timer looks once more, under the lock, whether it is still wanted. By then the
 * loop may have fired it and the stay be in use for another post, so a number tells the uses apart.
 *
 * <h2>The end</h2>
 *
 * A task is accepted under the lock. If the loop is closed before it is told of it, the task is
 * among the live stays of an owner that is {@linkplain Views#keep kept}, and hears of the end like
 * the others: what is accepted is called.
 */
final class CallbackEngine {
  final CallbackDispatcher facade;
  final Dispatcher dispatcher;
  final String name;
  private final Owner owner = new Owner();
  private final Teller teller = new Teller();
  private final Views views;

  private final Object lock = new Object();

  /** The ring of live stays, in the order of posting; itself never live. Guarded by lock. */
  private final CallbackStay posted = new CallbackStay(this, new CallbackTask("", (c, s) -> {}));

  /** Guarded by lock. */
  private long numbers;

  /** Set once. Guarded by lock. */
  private boolean stopped;

  /** Set once, by the close of the loop. Guarded by lock. */
  private boolean closed;

  /** Whether a function is being told that it is cancelled. On the loop. */
  private boolean telling;

  CallbackEngine(CallbackDispatcher facade, Dispatcher dispatcher, String name) {
    this.facade = facade;
    this.dispatcher = requireNonNull(dispatcher, "dispatcher");
    this.name = requireNonNull(name, "name");
    this.views = Views.register(owner, dispatcher);
  }

  // ------------------------------------------------------------------ any thread

  void enter(CallbackTask task, boolean timed, long time) {
    checkOpenTo(task);
    CallbackStay stay;
    CallbackStay former;
    long number;
    TimedPost formerTimer = null;
    boolean atOnce;
    synchronized (lock) {
      if (closed) {
        throw refused(task, "its loop is closed");
      }
      claim(task);
      former = task.stay;
      if (former != null && (stopped || (!timed && former.isQueued()))) {
        return; // it has its place, or is about to be told
      }
      stay = task.unusedStay(this);
      if (former != null) {
        formerTimer = leave(former);
      }
      number = numbers++;
      stay.begin(number, timed, time);
      stay.linkBefore(posted);
      task.stay = stay;
      atOnce = stopped || !timed;
    }
    if (former != null && formerTimer != null) {
      disarm(former, formerTimer);
    }
    if (atOnce) {
      queue(stay);
    } else {
      arm(stay, number, time);
    }
  }

  private void checkOpenTo(CallbackTask task) {
    if (dispatcher.onLoop()) {
      if (telling && task.told == lock) {
        throw refused(task, "it was told that it is cancelled, and to tell it again would not end");
      }
    } else if (dispatcher.isShutdown()) { // its adapters' blocks it would still take
      throw refused(
          task,
          dispatcher.isClosed()
              ? "its loop is closed"
              : "its loop is shutting down and takes tasks only from the work that it still runs");
    }
  }

  private RejectedExecutionException refused(CallbackTask task, String why) {
    return new RejectedExecutionException(
        "task '" + task.name() + "' was refused by callback dispatcher '" + name + "': " + why);
  }

  /** Under the lock. */
  private void claim(CallbackTask task) {
    if (task.isOwnedBy(this)) {
      return;
    }
    CallbackEngine other = task.claim(this);
    if (other != null) {
      throw new IllegalStateException(
          "task '"
              + task.name()
              + "' is posted to callback dispatcher '"
              + other.name
              + "' and can not be posted to '"
              + name
              + "' at the same time; cancel it there first");
    }
  }

  /** Under the lock. Returns what is left to disarm. The task still belongs to this dispatcher. */
  private @Nullable TimedPost leave(CallbackStay stay) {
    stay.unlink();
    stay.task().left(stay);
    return stay.end();
  }

  boolean cancel(CallbackTask task) {
    CallbackStay stay;
    TimedPost timer;
    synchronized (lock) {
      stay = task.isOwnedBy(this) ? task.stay : null;
      if (stay == null) {
        return false;
      }
      timer = leave(stay);
      task.disown();
    }
    if (timer != null) {
      disarm(stay, timer);
    }
    return true;
  }

  void requestStop() {
    synchronized (lock) {
      if (stopped || closed) {
        return;
      }
      stopped = true;
    }
    queue(teller);
  }

  boolean isStopRequested() {
    synchronized (lock) {
      return stopped || closed;
    }
  }

  // ------------------------------------------------------------------ to the loop, not locked

  private void queue(Runnable block) {
    try {
      dispatcher.post(owner, block);
    } catch (RejectedExecutionException e) { // it was closed just now, and will tell what is posted
      views.keep(owner);
    }
  }

  private void arm(CallbackStay stay, long number, long deadline) {
    TimedPost timer;
    try {
      timer = dispatcher.postAt(deadline, owner, stay);
    } catch (RejectedExecutionException e) { // as above
      views.keep(owner);
      return;
    }
    boolean early;
    synchronized (lock) {
      if (stay.number != number) {
        return; // it was called, and is in use again
      }
      if (stay.live && !stopped) {
        stay.timedPost = timer;
        return;
      }
      early = stay.live;
    }
    if (!early) {
      disarm(stay, timer);
    } else if (timer.cancel()) {
      queue(stay);
    }
  }

  /**
   * What waits in vain. If it is on its way already, it is passed over when it comes; else it may
   * be used again from here on, and was not before.
   */
  private void disarm(CallbackStay stay, TimedPost timer) {
    if (timer.cancel()) {
      synchronized (lock) {
        stay.inFlight = false;
      }
    }
  }

  // ------------------------------------------------------------------ calls, on the loop

  void arrived(CallbackStay stay) {
    boolean cancelled;
    synchronized (lock) {
      stay.inFlight = false;
      if (!take(stay)) {
        return;
      }
      cancelled = stopped || closed;
    }
    if (cancelled) {
      tell(stay);
    } else {
      stay.task().function.call(stay, CallbackStatus.OK);
    }
  }

  /** Under the lock. Whoever gets true calls the function. */
  private boolean take(CallbackStay stay) {
    if (!stay.live) {
      return false;
    }
    leave(stay);
    stay.task().disown();
    return true;
  }

  private void tell(CallbackStay stay) {
    CallbackTask task = stay.task();
    task.told = lock;
    boolean outer = telling;
    telling = true;
    try {
      task.function.call(stay, CallbackStatus.CANCELLED);
    } finally {
      telling = outer;
    }
  }

  // ------------------------------------------------------------------ the end

  /** Under the lock. */
  private List<CallbackStay> allPosted() {
    List<CallbackStay> all = new ArrayList<>();
    for (CallbackStay stay = posted.next; stay != posted; stay = stay.next) {
      all.add(stay);
    }
    all.sort(CallbackStay::order);
    return all;
  }

  /**
   * Tells those that wait for a time, one a turn. Those that are queued come by themselves; so do
   * those whose timer is not known yet, since who arms it finds that this was stopped.
   */
  private final class Teller implements Runnable {
    private record Waiting(CallbackStay stay, TimedPost timer) {}

    /** Null before the first turn. On the loop. */
    private @Nullable Deque<CallbackStay> untold;

    @Override
    public void run() {
      Deque<CallbackStay> rest = untold;
      if (rest == null) {
        rest = disarmAll();
        untold = rest;
      }
      CallbackStay stay = rest.poll();
      if (stay == null) {
        return;
      }
      if (!rest.isEmpty()) {
        queue(this);
      }
      arrived(stay);
    }

    private Deque<CallbackStay> disarmAll() {
      List<Waiting> waiting = new ArrayList<>();
      synchronized (lock) {
        for (CallbackStay stay : allPosted()) {
          if (stay.timedPost != null) {
            waiting.add(new Waiting(stay, stay.timedPost));
          }
        }
      }
      Deque<CallbackStay> disarmed = new ArrayDeque<>();
      for (Waiting each : waiting) {
        if (each.timer.cancel()) { // so it is nowhere but here, and is not used again before
          disarmed.add(each.stay);
        }
      }
      return disarmed;
    }
  }

  /** Gets what the loop did not run before it was closed. */
  private final class Owner extends BlockOwner implements Views.View {
    Owner() {
      super("legacy callback");
    }

    @Override
    protected void giveBack(Runnable block) {
      synchronized (lock) {
        closed = true;
      }
      views.keep(this); // the rest is told when the services are closed
      if (block instanceof CallbackStay stay) {
        arrived(stay);
      }
    }

    @Override
    public void dispatcherClosed() {
      List<CallbackStay> rest;
      synchronized (lock) {
        closed = true;
        rest = allPosted();
      }
      Views.Failures failures = new Views.Failures();
      for (CallbackStay stay : rest) {
        failures.catching(() -> arrived(stay));
      }
      failures.rethrow();
    }
  }
}
