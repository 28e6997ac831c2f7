package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
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
 * that child, or take it with {@link #pollNext}, else for the uncaught handler. So is the failure
 * of a child in a fail-fast group for which there is no {@code join()} by then, or whose joins are
 * all given up before they threw it; a later join throws it all the same. A child that is cancelled
 * by its own handle is no failure in either.
 *
 * <p><b>The end.</b> A group takes children until {@link #shutdown}, {@link #cancel}, a failure in
 * a fail-fast group, or until a {@code join()} was ready. A spawn after that is refused like one on
 * a closed dispatcher: its handle is cancelled already and its pollable untouched.
 *
 * <p><b>The owner.</b> One thing ties a group to whoever made it: the operation {@code join()}.
 * Cancelling it cancels the group, polled or not, so the children of a task that owns its join do
 * not outlive it, whether it was cancelled or failed: a body that is not the join itself is made
 * with {@link Pollable#owning}, a {@link Task} cancels it in its {@code cleanup()}. A task that
 * ends and leaves a group without a join leaves its children running. A group is no child of the
 * task that makes it; it is told to stop with the task if it is made {@link #under} its token.
 *
 * <p><b>Stop.</b> {@link #stop} asks politely: the children's {@link Context#stopToken}s are
 * children of the group's {@link #token}.
 *
 * <p><b>Threading.</b> All methods may be called by any thread, {@code poll…} methods and
 * operations on the loop of the task that uses them, which may be another dispatcher's. <b>Memory
 * effects.</b> What a child did happens-before a ready join.
 */
public final class TaskGroup {
  private static final String END_OF_ONE = "the end of a task in a group";

  private final Dispatcher dispatcher;
  private final String name;
  private final boolean failFast;
  private final StopSource stop;

  /** All guarded by {@code this}; nothing is woken, cancelled or called under the lock. */
  private final Set<JoinHandle<?>> running = new LinkedHashSet<>();

  /** Null unless the order of completion is kept. */
  private final @Nullable Deque<JoinHandle<?>> ended;

  private final Waiters waiters = new Waiters();

  /** Children that are accepted and not in {@link #running} yet. */
  private int spawning;

  private boolean closed;
  private @Nullable Throwable failure;
  private boolean cancelled;

  /** Some child was cancelled by the close of the dispatcher. */
  private boolean cutShort;

  /**
   * The joins that were made and not given up: a failure has somewhere to go, unless those who
   * polled them have ended.
   */
  private final List<Relay> joins = new ArrayList<>(1);

  /** The same for {@link #pollNext}: the last one who asked. */
  private @Nullable Waker reader;

  /** The failure was thrown, or reported. */
  private boolean told;

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
    JoinHandle<T> handle = null;
    try {
      handle = dispatcher.spawn(childName, stop.token(), entry::of, child);
    } finally { // it may throw: a task that is posted already, say
      entry.spawned(handle);
    }
    return handle;
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
   * the group was {@linkplain #cancel cancelled}, or children were cancelled by the close of their
   * dispatcher. {@code cancel()} of the operation cancels the group.
   *
   * @return a new one-shot operation
   */
  public Pollable<Complete> join() {
    Join join = new Join();
    synchronized (this) {
      joins.removeIf(Waker::isEnded);
      joins.add(join.relay);
    }
    return join;
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
    return pollNext(cx, ended(), cx.waker(END_OF_ONE));
  }

  private Poll<@Nullable JoinHandle<?>> pollNext(
      Context cx, Deque<JoinHandle<?>> queue, Waker waiter) {
    for (; ; ) {
      synchronized (this) {
        reader = waiter;
        if (queue.isEmpty()) {
          if (!isBusy()) {
            return Poll.ready(null);
          }
          waiters.add(waiter, Posting.of(cx));
          return Poll.pending();
        }
      }
      if (!cx.tryProceed()) { // not under the lock: it wakes
        return Poll.pending();
      }
      synchronized (this) {
        JoinHandle<?> next = queue.poll();
        if (next != null) { // nobody was faster
          return Poll.ready(next);
        }
      }
    }
  }

  /**
   * {@link #pollNext} as an operation.
   *
   * <p>Ready, Pending, who wakes and what it throws: as there. {@code cancel()} stops waiting and
   * leaves the group alone; a child that ends is kept for the next one who asks.
   *
   * <pre>{@code
   * Pollable<JoinHandle<?>> first = group.next(); // the child that ends first, or null
   * }</pre>
   *
   * @return a new one-shot operation
   * @throws IllegalStateException as there
   */
  public Pollable<@Nullable JoinHandle<?>> next() {
    return new Next(ended());
  }

  private Deque<JoinHandle<?>> ended() {
    if (ended == null) {
      throw new IllegalStateException(
          "task group '" + name + "' does not keep what has ended; make it inOrderOfCompletion()");
    }
    return ended;
  }

  /** Takes no more children; those that are there go on. Idempotent. */
  public synchronized void shutdown() {
    closed = true;
  }

  /**
   * Asks the children to stop, by way of their tokens. Takes no more children. Idempotent; after a
   * ready join there is nobody left to ask.
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
  private void childEnded(Child child, JoinHandle<?> handle) {
    Throwable thrown = handle.failure();
    boolean cut = handle.isCancelled() && dispatcher.isClosed();
    List<JoinHandle<?>> cancel = List.of();
    boolean report = false;
    List<Waker> wake;
    synchronized (this) {
      child.ended = true;
      running.remove(handle);
      cutShort |= cut;
      if (ended != null) {
        ended.add(handle);
      }
      if (thrown != null && failFast) {
        report = child.taken && !isAwaited(); // given up since it was asked
        Throwable first = failure;
        if (first == null) {
          failure = thrown;
          told = report || !child.taken;
          closed = true;
          cancelling = true;
          cancel = List.copyOf(running);
        } else if (first != thrown) {
          first.addSuppressed(thrown);
        }
      }
      wake = takeWaiters();
    }
    if (report) {
      LateFailures.of(dispatcher).report(handle.name(), requireNonNull(thrown));
    }
    cancelAll(cancel);
    Wakers.wakeAll(wake);
  }

  /** Under the lock. Whether somebody looks at failures. */
  private boolean isAwaited() {
    joins.removeIf(Waker::isEnded);
    return (reader != null && !reader.isEnded()) || (failFast && !joins.isEmpty());
  }

  /** Under the lock. */
  private List<Waker> takeWaiters() {
    return isBusy() && ended == null ? List.of() : waiters.take();
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

  /** For tests. */
  synchronized int waiterCount() {
    return waiters.size();
  }

  /** A child in the group, which is told of its end by the child's handle. */
  private final class Child implements JoinHandle.Joiner {
    /** Written before the child is published, by the thread that spawns it. */
    private @Nullable JoinHandle<?> handle;

    /** Guarded by the group, as is the next. */
    boolean ended;

    /** What it told its handle. */
    boolean taken;

    Child of(JoinHandle<?> fresh) {
      handle = fresh;
      return this;
    }

    /**
     * The spawn is over. Only now may others find the child, and cancel it: one that is not on its
     * dispatcher yet would be queued there by that, and then once more.
     *
     * @param accepted the handle, or another one if the dispatcher has refused, or null
     */
    void spawned(@Nullable JoinHandle<?> accepted) {
      boolean cancel = false;
      List<Waker> wake;
      synchronized (TaskGroup.this) {
        spawning--;
        if (accepted != null && accepted == handle && !ended) {
          running.add(accepted);
          cancel = cancelling;
        }
        wake = takeWaiters();
      }
      if (cancel && accepted != null) { // the others were, before this one could be found
        accepted.cancel();
      }
      Wakers.wakeAll(wake);
    }

    @Override
    public void wake() {
      JoinHandle<?> mine = handle;
      assert mine != null : "ended before its spawn";
      childEnded(this, mine);
    }

    @Override
    public boolean takesFailure() {
      synchronized (TaskGroup.this) {
        taken = isAwaited();
        return taken;
      }
    }
  }

  private final class Join extends Operation<Complete> {
    private final Relay relay = new Relay();

    Join() {
      super("join of task group '" + name + "'");
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      relay.to(cx.waker("the end of a task group"));
      Throwable thrown;
      synchronized (TaskGroup.this) {
        if (isBusy()) {
          waiters.add(relay, Posting.of(cx));
          return Poll.pending();
        }
        closed = true;
        thrown = failure;
        told = true;
        if (thrown == null && (cancelled || cutShort)) {
          thrown = new CancellationException(cancelledMessage());
        }
      }
      stop.retire();
      if (thrown != null) {
        throw JoinHandle.<RuntimeException>asItIs(thrown);
      }
      return Poll.ready();
    }

    private String cancelledMessage() {
      return "task group '"
          + name
          + "' was cancelled"
          + (cancelled ? "" : " by the close of dispatcher '" + dispatcher.name() + "'");
    }

    @Override
    protected void doCancel() {
      Throwable report = null;
      synchronized (TaskGroup.this) {
        joins.remove(relay);
        waiters.remove(relay);
        if (!isAwaited() && failure != null && !told) {
          told = true;
          report = failure;
        }
      }
      if (report != null) {
        LateFailures.of(dispatcher).report(name(), report);
      }
      TaskGroup.this.cancel();
    }
  }

  private final class Next extends Operation<@Nullable JoinHandle<?>> {
    private final Deque<JoinHandle<?>> queue;
    private final Relay relay = new Relay();

    Next(Deque<JoinHandle<?>> queue) {
      super("next of task group '" + name + "'");
      this.queue = queue;
    }

    @Override
    protected Poll<@Nullable JoinHandle<?>> doPoll(Context cx) {
      relay.to(cx.waker(END_OF_ONE));
      return pollNext(cx, queue, relay);
    }

    @Override
    protected void doCancel() {
      forget(relay);
    }
  }

  private synchronized void forget(Relay relay) {
    waiters.remove(relay);
    if (reader == relay) {
      reader = null;
    }
  }
}
