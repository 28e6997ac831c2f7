package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that belong together: they are spawned into the group, end with it, and are waited for as
 * one.
 *
 * <pre>{@code
 * TaskGroup group = TaskGroup.failFast(dispatcher, "fetch");
 * for (String url : urls) {
 *   group.spawn(url, fetch(url));
 * }
 * Pollable<Complete> all = group.join(); // ready when all have ended
 * }</pre>
 *
 * <p><b>Failure.</b> In a {@linkplain #failFast fail-fast} group the first failure of a child
 * cancels the others; {@link #join} throws it, with later ones suppressed. In a {@linkplain
 * #supervising supervising} group children do not touch each other: a failure is for those who join
 * that child, else for the uncaught handler. A child that is cancelled by its own handle is no
 * failure in either.
 *
 * <p><b>The end.</b> A group takes children until {@link #shutdown}, {@link #cancel}, a failure in
 * a fail-fast group, or until a {@code join()} was ready. A spawn after that is refused like one on
 * a closed dispatcher: its handle is cancelled already and its pollable untouched. Cancelling the
 * operation {@code join()} cancels the group: who waits for its children owns them, so children do
 * not outlive a parent task that was cancelled while it joined.
 *
 * <p><b>Stop.</b> {@link #stop} asks politely: the children's {@link Context#stopToken}s are
 * children of the group's {@link #token}.
 *
 * <p><b>Threading.</b> All methods may be called by any thread, {@code poll…} methods and
 * operations on the loop of the task that uses them, which may be another dispatcher's. <b>Memory
 * effects.</b> What a child did happens-before a ready join.
 */
public final class TaskGroup {
  private final Dispatcher dispatcher;
  private final String name;
  private final boolean failFast;
  private final StopSource stop;

  /** All guarded by {@code this}; nothing is woken, cancelled or called under the lock. */
  private final Set<JoinHandle<?>> running = new LinkedHashSet<>();

  /** Null unless the order of completion is kept. */
  private final @Nullable Deque<JoinHandle<?>> ended;

  private final Set<Waker> waiters = new LinkedHashSet<>();

  /** Children that are accepted and not in {@link #running} yet. */
  private int spawning;

  private boolean closed;
  private @Nullable Throwable failure;
  private boolean cancelled;

  /** The children are cancelled, by the group's owner or because one failed. */
  private boolean cancelling;

  private TaskGroup(
      Dispatcher dispatcher, String name, boolean failFast, boolean keepEnded, StopSource stop) {
    this.dispatcher = requireNonNull(dispatcher, "dispatcher");
    this.name = requireNonNull(name, "name");
    this.failFast = failFast;
    this.ended = keepEnded ? new ArrayDeque<>() : null;
    this.stop = stop;
  }

  /**
   * A group in which the first failure cancels the others.
   *
   * @param dispatcher where its tasks run
   * @param name for messages
   * @return a new, open group
   */
  public static TaskGroup failFast(Dispatcher dispatcher, String name) {
    return new TaskGroup(dispatcher, name, true, false, new StopSource());
  }

  /**
   * A group in which a failure concerns nobody else.
   *
   * @param dispatcher where its tasks run
   * @param name for messages
   * @return a new, open group
   */
  public static TaskGroup supervising(Dispatcher dispatcher, String name) {
    return new TaskGroup(dispatcher, name, false, false, new StopSource());
  }

  /**
   * The same kind of group with a stop token below another one: for a group that belongs to a task,
   * the task's.
   *
   * @param parent with whose stop this group is told to stop
   * @return a new, open group without children
   */
  public TaskGroup under(StopToken parent) {
    return new TaskGroup(dispatcher, name, failFast, ended != null, StopSource.childOf(parent));
  }

  /**
   * The same kind of group, which keeps the handles of children that have ended until they are
   * taken by {@link #pollNext}. Other groups let go of a child at its end.
   *
   * @return a new, open group without children
   */
  public TaskGroup inOrderOfCompletion() {
    return new TaskGroup(dispatcher, name, failFast, true, StopSource.childOf(stop.token()));
  }

  /**
   * Spawns a child.
   *
   * @param <T> the type of the result
   * @param childName the name that dumps and messages show
   * @param child what to poll; its dispatcher becomes its owner
   * @return the handle; already cancelled, and the child untouched, if the group takes no more or
   *     its dispatcher refuses
   */
  public <T extends @Nullable Object> JoinHandle<T> spawn(String childName, Pollable<T> child) {
    requireNonNull(childName, "childName");
    requireNonNull(child, "child");
    synchronized (this) {
      if (closed) {
        return refused(childName, child);
      }
      spawning++; // from here on a join waits for it
    }
    Child entry = new Child();
    JoinHandle<T> handle;
    try {
      handle = dispatcher.spawn(childName, stop.token(), entry::begin, child);
    } catch (Throwable t) { // a task that is posted already, say
      entry.takeBack();
      throw t;
    }
    if (entry.handle != handle) { // the dispatcher has refused it
      entry.takeBack();
    } else if (isCancelling()) { // since the look
      handle.cancel();
    }
    return handle;
  }

  private synchronized boolean isCancelling() {
    return cancelling;
  }

  private <T extends @Nullable Object> JoinHandle<T> refused(String childName, Pollable<T> child) {
    return JoinHandle.refused(
        child,
        childName,
        "spawn of '" + childName + "' was refused: task group '" + name + "' takes no more");
  }

  /**
   * Waits for the end of all children, those that are spawned meanwhile included.
   *
   * <p>Ready when no child is left, and from then on the group takes no more. Pending until then;
   * the last child's end wakes. Throws the first failure of a fail-fast group, with later ones
   * suppressed, after all children have ended and were cleaned up; {@link CancellationException} if
   * the group was {@linkplain #cancel cancelled}. {@code cancel()} of the operation cancels the
   * group.
   *
   * @return a new one-shot operation
   */
  public Pollable<Complete> join() {
    return new Join();
  }

  /**
   * The next child that has ended, in the order of the ends; may be called again and again. Ready
   * with its handle, which {@link JoinHandle#isDone is done}; or with null when no child is left.
   * Pending while the children that are left run; the next end wakes.
   *
   * @param cx the context of the poll
   * @return ready with the handle, or with null
   * @throws IllegalStateException if this group was not made by {@link #inOrderOfCompletion}
   */
  public Poll<@Nullable JoinHandle<?>> pollNext(Context cx) {
    Deque<JoinHandle<?>> queue = ended;
    if (queue == null) {
      throw new IllegalStateException(
          "task group '" + name + "' does not keep what has ended; make it inOrderOfCompletion()");
    }
    synchronized (this) {
      if (!queue.isEmpty()) {
        return cx.tryProceed() ? Poll.<@Nullable JoinHandle<?>>ready(queue.poll()) : Poll.pending();
      }
      if (!isBusy()) {
        return Poll.ready(null);
      }
      waiters.add(cx.waker("the end of a task in a group"));
      return Poll.pending();
    }
  }

  /** Takes no more children; those that are there go on. Idempotent. */
  public synchronized void shutdown() {
    closed = true;
  }

  /**
   * Asks the children to stop, by way of their tokens. Takes no more children. Idempotent.
   *
   * @return true for the call that did it
   */
  public boolean stop() {
    shutdown();
    return stop.stop();
  }

  /**
   * Cancels all children, as {@link JoinHandle#cancel} does, each in a turn of its own. Takes no
   * more. Idempotent; does nothing to a group whose children have ended.
   */
  public void cancel() {
    List<JoinHandle<?>> children;
    synchronized (this) {
      closed = true;
      if (isBusy()) {
        cancelled = true;
        cancelling = true;
      }
      children = List.copyOf(running);
    }
    cancelAll(children);
  }

  /**
   * The token that {@link #stop} stops.
   *
   * @return the same token each time
   */
  public StopToken token() {
    return stop.token();
  }

  /**
   * How many children have not ended.
   *
   * @return the number
   */
  public synchronized int size() {
    return running.size();
  }

  /**
   * Whether the group takes no more children.
   *
   * @return true after the end of acceptance
   */
  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized String toString() {
    return "TaskGroup[" + name + ", " + running.size() + " running" + (closed ? ", closed]" : "]");
  }

  // ------------------------------------------------------------------ ends

  /** On the loop of the group's dispatcher. */
  private void childEnded(JoinHandle<?> handle) {
    Throwable thrown = handle.failure();
    List<JoinHandle<?>> cancel = List.of();
    List<Waker> wake;
    synchronized (this) {
      running.remove(handle);
      if (ended != null) {
        ended.add(handle);
      }
      if (thrown != null && failFast) {
        Throwable first = failure;
        if (first == null) {
          failure = thrown;
          closed = true;
          cancelling = true;
          cancel = List.copyOf(running);
        } else if (first != thrown) {
          first.addSuppressed(thrown);
        }
      }
      wake = takeWaiters();
    }
    cancelAll(cancel);
    Wakers.wakeAll(wake);
  }

  /** Under the lock. */
  private List<Waker> takeWaiters() {
    if (waiters.isEmpty() || (isBusy() && ended == null)) {
      return List.of();
    }
    List<Waker> taken = List.copyOf(waiters);
    waiters.clear();
    return taken;
  }

  /** Under the lock. */
  private boolean isBusy() {
    return spawning > 0 || !running.isEmpty();
  }

  private static void cancelAll(List<JoinHandle<?>> children) {
    for (JoinHandle<?> child : children) {
      child.cancel();
    }
  }

  /** A child in the group, which is told of its end by the child's handle. */
  private final class Child implements JoinHandle.Joiner {
    /** Written before the child is published, by the thread that spawns it. */
    @Nullable JoinHandle<?> handle;

    Child begin(JoinHandle<?> fresh) {
      handle = fresh;
      synchronized (TaskGroup.this) {
        spawning--;
        running.add(fresh);
      }
      return this;
    }

    /** It did not come to a spawn. */
    void takeBack() {
      List<Waker> wake;
      synchronized (TaskGroup.this) {
        if (handle == null) {
          spawning--;
        } else {
          running.remove(handle);
        }
        wake = takeWaiters();
      }
      Wakers.wakeAll(wake);
    }

    @Override
    public void wake() {
      JoinHandle<?> mine = handle;
      assert mine != null : "ended before its spawn";
      childEnded(mine);
    }

    @Override
    public boolean takesFailure() {
      return failFast;
    }
  }

  private final class Join extends Operation<Complete> {
    Join() {
      super("join of task group '" + name + "'");
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      Throwable thrown;
      synchronized (TaskGroup.this) {
        if (isBusy()) {
          waiters.add(cx.waker("the end of a task group"));
          return Poll.pending();
        }
        closed = true;
        thrown = failure;
        if (thrown == null && cancelled) {
          thrown = new CancellationException("task group '" + name + "' was cancelled");
        }
      }
      stop.close();
      if (thrown != null) {
        throw JoinHandle.<RuntimeException>asItIs(thrown);
      }
      return Poll.ready();
    }

    @Override
    protected void doCancel() {
      TaskGroup.this.cancel();
    }
  }
}
