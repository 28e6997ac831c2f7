package dev.reveille.callbacks.executors;

import static java.util.Objects.requireNonNull;

import dev.reveille.Dispatcher;
import dev.reveille.Nanos;
import dev.reveille.TimedPost;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

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
 * CallbackDispatcher callbacks = CallbackDispatcher.of(dispatcher);
 * CallbackTask timeout =
 *     new CallbackTask("timeout", (context, status) -> log.add("timeout: " + status));
 * callbacks.postAfter(timeout, Duration.ofSeconds(5));
 * callbacks.postAfter(timeout, Duration.ofSeconds(9)); // a sign of life: wait longer
 * boolean inTime = callbacks.cancel(timeout); // true, and nobody calls it
 * callbacks.post(timeout);
 * callbacks.requestStop(); // now it hears that it is cancelled
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
  private final CallbackEngine engine;

  private CallbackDispatcher(Dispatcher dispatcher, String name) {
    this.engine = new CallbackEngine(this, dispatcher, name);
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
    engine.enter(requireNonNull(task, "task"), false, 0);
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
    engine.enter(requireNonNull(task, "task"), true, time);
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

  // ------------------------------------------------------------------ cancel, stop

  /**
   * Takes a task back. Its function is not called, also not with CANCELLED.
   *
   * @param task the task
   * @return true if it was posted here and will not be called before it is posted again; false if
   *     it is not, or its function was called, or is running
   */
  public boolean cancel(CallbackTask task) {
    return engine.cancel(requireNonNull(task, "task"));
  }

  /**
   * Ends this dispatcher, not its loop: every function that is posted, or will be, is called once
   * with {@link CallbackStatus#CANCELLED}, on the loop and not within this call. Does nothing the
   * second time.
   */
  public void requestStop() {
    engine.requestStop();
  }

  /**
   * Whether this dispatcher calls no function with OK any more.
   *
   * @return true from {@link #requestStop}, or the close of the loop, on
   */
  public boolean isStopRequested() {
    return engine.isStopRequested();
  }

  /**
   * The time on the clock of the loop.
   *
   * @return nanoseconds of its {@link dev.reveille.Ticker}
   */
  public long now() {
    return engine.dispatcher.ticker().read();
  }

  /**
   * The loop.
   *
   * @return the loop
   */
  public Dispatcher dispatcher() {
    return engine.dispatcher;
  }

  @Override
  public String toString() {
    return "CallbackDispatcher[" + engine.name + "]";
  }
}
