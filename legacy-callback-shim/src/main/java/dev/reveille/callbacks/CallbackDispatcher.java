package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import dev.reveille.Nanos;
import dev.reveille.TimedPost;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The dispatcher of callback-style code, on a {@link Dispatcher}: tasks that are functions, posted
 * again and again, at once or at a time. The contract is that of Pigweed's {@code pw_async}; its
 * callbacks, poll tasks, coroutines and whatever else is on the loop share one FIFO and one clock.
 *
 * <p><b>Posting.</b> {@link #post} queues a task; one that is queued already keeps its place, one
 * that waits for a time is moved to the end of the queue now. {@link #postAt} and {@link
 * #postAfter} let it wait for a time, whether it was posted before or not; when the loop finds that
 * the time has come, it is queued, and what is due at the same time is queued in the order of
 * posting. A task that is posted to one dispatcher is refused by another.
 *
 * <p><b>Calls.</b> A function is called once for each stay: with {@link CallbackStatus#OK} when its
 * turn comes, with {@link CallbackStatus#CANCELLED} if the dispatcher ends before. {@link #cancel}
 * takes a task back; its function is not called. When it is called the task is not posted any more,
 * so it may post itself again.
 *
 * <p><b>The end.</b> {@link #requestStop} ends this dispatcher, not the loop: each function that is
 * posted is called with CANCELLED, on the loop, in turns of their own: first what is queued, at its
 * place, then what waits, in the order of time. What is posted later is called with CANCELLED as
 * soon as possible, whatever its time; but a function that is just being told so can not post a
 * task again that was told before: that would never end. When the loop itself is closed, the thread
 * that closes it calls them, one after the other, after the tasks of the loop have ended; from then
 * on posts are refused.
 *
 * <pre>{@code
 * CallbackDispatcher legacy = CallbackDispatcher.of(dispatcher);
 * CallbackTask timeout = new CallbackTask("timeout", (context, status) -> log.add("timeout: " + status));
 * legacy.postAfter(timeout, Duration.ofSeconds(5));
 * legacy.postAfter(timeout, Duration.ofSeconds(9)); // there is life, so wait longer
 * boolean inTime = legacy.cancel(timeout); // never called
 * legacy.post(timeout);
 * legacy.requestStop(); // and this one hears that it is cancelled
 * }</pre>
 *
 * <p><b>Cost.</b> A task that is posted again and again allocates nothing of its own: from the loop
 * a post takes two slots of the run queue, from elsewhere the loop's inbox node, and with a time a
 * {@link TimedPost}. A second stay is made if the first was taken back and has not left the queue.
 *
 * <p><b>Threading.</b> All methods may be called by any thread, also several for the same task;
 * functions are called on the loop only. <b>Memory effects.</b> As {@link CallbackTask}; and
 * functions are ordered with all that the loop runs.
 *
 * <p>Source: {@code pw_async/public/pw_async/dispatcher.h} and the tests of {@code pw_async} and
 * {@code pw_async_basic}. Different is what follows from one loop for all: due times are looked at
 * when the loop looks at its clock, so a task that was posted before that is called first; and to
 * stop this does not stop the loop.
 */
public final class CallbackDispatcher {
  // Posting is two steps: under the lock it is decided what the stays of the tasks are, and after
  // it
  // the loop is told; so nobody is woken under the lock. Between the two a second thread may cancel
  // or post again. What comes to the loop then is a stay that is not live, and is passed over; and
  // who has armed a timer looks once more, under the lock, whether it is still wanted. A number
  // tells
  // the uses of a stay apart.
  //
  // A task is accepted under the lock. If the loop is closed before it is told of it, the task is
  // among the live stays of a view that is kept, and is called with CANCELLED like the others.

  private final Dispatcher dispatcher;
  private final String name;
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

  private CallbackDispatcher(Dispatcher dispatcher, String name) {
    this.dispatcher = requireNonNull(dispatcher, "dispatcher");
    this.name = requireNonNull(name, "name");
    this.views = Views.register(owner, dispatcher);
  }

  /**
   * A new one on a loop, named after it, with a life of its own.
   *
   * @param dispatcher the loop
   * @return the dispatcher for callbacks; on a closed loop it refuses everything
   */
  public static CallbackDispatcher of(Dispatcher dispatcher) {
    return new CallbackDispatcher(dispatcher, dispatcher.name());
  }

  /**
   * A new one on a loop, with a life of its own.
   *
   * @param dispatcher the loop
   * @param name what messages call it
   * @return the dispatcher for callbacks; on a closed loop it refuses everything
   */
  public static CallbackDispatcher of(Dispatcher dispatcher, String name) {
    return new CallbackDispatcher(dispatcher, name);
  }

  // ------------------------------------------------------------------ posting

  /**
   * Queues a task. If it is queued already nothing changes, and it keeps its place; if it waits for
   * a time it is moved to the end of the queue.
   *
   * @param task a task that is not posted elsewhere
   * @throws IllegalStateException if it is posted to another dispatcher
   * @throws RejectedExecutionException if the loop is closed, or is draining and the caller is not
   *     its own work; or if the caller is a function that is told of the end, and so was the task
   */
  public void post(CallbackTask task) {
    enter(task, false, 0);
  }

  /**
   * Lets a task wait for a time, counted from now, and then queues it. If it is posted already it
   * is taken back and posted anew.
   *
   * @param task a task that is not posted elsewhere
   * @param delay zero or less means as soon as possible, but after what is queued; what does not
   *     fit a {@code long} of nanoseconds means never
   * @throws IllegalStateException as {@link #post(CallbackTask)}
   * @throws RejectedExecutionException as {@link #post(CallbackTask)}
   */
  public void postAfter(CallbackTask task, Duration delay) {
    postAt(task, Nanos.add(now(), Nanos.of(delay)));
  }

  /**
   * Lets a task wait for a time, and then queues it. If it is posted already it is taken back and
   * posted anew.
   *
   * @param task a task that is not posted elsewhere
   * @param time nanoseconds of {@link #now}; the past means as soon as possible, but after what is
   *     queued, and {@link Long#MAX_VALUE} means never
   * @throws IllegalStateException as {@link #post(CallbackTask)}
   * @throws RejectedExecutionException as {@link #post(CallbackTask)}
   */
  public void postAt(CallbackTask task, long time) {
    enter(task, true, time);
  }

  /**
   * Queues a function, for one call.
   *
   * @param function what is called
   * @return the new task, to cancel it with
   * @throws RejectedExecutionException as {@link #post(CallbackTask)}
   */
  public CallbackTask post(CallbackFunction function) {
    CallbackTask task = new CallbackTask(function);
    post(task);
    return task;
  }

  /**
   * Lets a function wait for a time, counted from now, and then queues it, for one call.
   *
   * @param function what is called
   * @param delay as {@link #postAfter(CallbackTask, Duration)}
   * @return the new task, to cancel it with
   * @throws RejectedExecutionException as {@link #post(CallbackTask)}
   */
  public CallbackTask postAfter(CallbackFunction function, Duration delay) {
    CallbackTask task = new CallbackTask(function);
    postAfter(task, delay);
    return task;
  }

  private void enter(CallbackTask task, boolean timed, long time) {
    checkOpenTo(requireNonNull(task, "task"));
    CallbackStay stay;
    CallbackStay former;
    long number;
    long formerNumber = 0;
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
        formerNumber = former.number;
        formerTimer = leave(former);
      }
      number = numbers++;
      stay.begin(number, timed, time);
      stay.linkBefore(posted);
      task.stay = stay;
      atOnce = stopped || !timed;
    }
    if (former != null && formerTimer != null) {
      disarm(former, formerNumber, formerTimer);
    }
    if (atOnce) {
      queue(stay);
    } else {
      arm(stay, number, time);
    }
  }

  private void checkOpenTo(CallbackTask task) {
    if (dispatcher.onLoop()) {
      if (telling && task.told == this) {
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
    CallbackDispatcher other = task.claim(this);
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
      disarm(stay, number, timer);
    } else if (timer.cancel()) {
      queue(stay);
    }
  }

  /** What waited in vain. If it is on its way already, it is passed over when it comes. */
  private void disarm(CallbackStay stay, long number, TimedPost timer) {
    if (timer.cancel()) {
      synchronized (lock) {
        if (stay.number == number) {
          stay.inFlight = false;
        }
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
    task.told = this;
    boolean outer = telling;
    telling = true;
    try {
      task.function.call(stay, CallbackStatus.CANCELLED);
    } finally {
      telling = outer;
    }
  }

  // ------------------------------------------------------------------ cancel, stop

  /**
   * Takes a task back. Its function is not called, also not with CANCELLED.
   *
   * @param task the task
   * @return true if it was posted here and will not be called before it is posted again; false if
   *     it is not, or its function was called, or is running
   */
  public boolean cancel(CallbackTask task) {
    requireNonNull(task, "task");
    CallbackStay stay;
    long number;
    TimedPost timer;
    synchronized (lock) {
      stay = task.isOwnedBy(this) ? task.stay : null;
      if (stay == null) {
        return false;
      }
      number = stay.number;
      timer = leave(stay);
      task.disown();
    }
    if (timer != null) {
      disarm(stay, number, timer);
    }
    return true;
  }

  /**
   * Ends this dispatcher, not its loop: every function that is posted, or will be, is called once
   * with {@link CallbackStatus#CANCELLED}, on the loop and not within this call. Does nothing the
   * second time.
   */
  public void requestStop() {
    synchronized (lock) {
      if (stopped || closed) {
        return;
      }
      stopped = true;
    }
    queue(teller);
  }

  /**
   * Whether this dispatcher calls no function with OK any more.
   *
   * @return true from {@link #requestStop}, or the close of the loop, on
   */
  public boolean isStopRequested() {
    synchronized (lock) {
      return stopped || closed;
    }
  }

  /**
   * The time on the clock of the loop.
   *
   * @return nanoseconds of its {@link dev.reveille.Ticker}
   */
  public long now() {
    return dispatcher.ticker().read();
  }

  /**
   * The loop.
   *
   * @return the loop
   */
  public Dispatcher dispatcher() {
    return dispatcher;
  }

  @Override
  public String toString() {
    return "CallbackDispatcher[" + name + "]";
  }

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
    private record Waiting(CallbackStay stay, long number, TimedPost timer) {}

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
            waiting.add(new Waiting(stay, stay.number, stay.timedPost));
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
