package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What {@code spawn} gives back: the end of a task, to wait for or to bring about. Dropping it
 * detaches the task, which goes on.
 *
 * <p><b>Threading.</b> All methods may be called by any thread; a {@link #join} may be polled on
 * the loop of another dispatcher. <b>Memory effects.</b> What the task did, and its {@code
 * cleanup()}, happen-before a join that is ready and a true {@link #isDone}.
 *
 * <p>One task starts when another one has ended:
 *
 * <pre>{@code
 * JoinHandle<String> report = dispatcher.spawn("report", query);
 * onClose.add(report::cancel); // any thread; whoever joins then gets a CancellationException
 *
 * Pollable<String> join = report.join();
 * JoinHandle<Boolean> mail =
 *     dispatcher.spawn(
 *         "mail",
 *         Pollable.owning(List.of(join), cx -> join.poll(cx).map(text -> mails.add(text))));
 * }</pre>
 *
 * @param <T> the type of the result
 */
public final class JoinHandle<T extends @Nullable Object> {
  private static final VarHandle STATE =
      fieldVarHandle(
          MethodHandles.lookup(), "state", VarHandle.class, JoinHandle.class, Object.class);

  /** The outcome of a task that threw. */
  private record Failure(Throwable cause) {}

  /** The outcome of a task that was cancelled: the words of the exception that joiners get. */
  private record Cancelled(String message) {}

  /** The state while somebody waits. Its list is guarded by the handle's lock. */
  private static final class Joiners {
    final List<Joiner> list = new ArrayList<>(1);
  }

  /** One who waits: woken once, after the outcome was published. */
  interface Joiner extends Waker {

    /** Whether it looks at the outcome, so that a failure has somewhere to go. */
    default boolean takesFailure() {
      return true;
    }
  }

  /**
   * Null, then perhaps {@link Joiners}, then the outcome: a {@link Poll.Ready}, a {@link Failure}
   * or {@link Cancelled}. From null it is left by CAS, from Joiners under the lock; so that a task
   * that nobody waits for ends without a lock. The outcome's volatile write pairs with every read.
   */
  private volatile @Nullable Object state;

  /** Something that was given no name: its class; and its own text, once somebody asked. */
  private static final class Nameless {
    final Class<?> type;
    final String text;

    Nameless(Class<?> type, String text) {
      this.type = type;
      this.text = text;
    }
  }

  /**
   * A name; or the class of something that was given none, and then {@link Nameless}. Plain, by a
   * race: whoever computes the text gets the same, or nearly so.
   */
  private Object named;

  /** Volatile: written by any thread, read at the end on the loop. */
  private volatile boolean detached;

  /** Null if the spawn was refused. Nothing hangs on it after its end. */
  private @Nullable Posting posting;

  /** The posting's, which has no room for both this handle and them. On its loop, till its end. */
  @Nullable TaskLocals locals;

  /** The handle does not hold the body, so that a finished task can go. */
  JoinHandle(Object body, @Nullable String name) {
    this.named = name != null ? name : body instanceof Task task ? task.name() : body.getClass();
  }

  /** Before the posting is published. */
  void attach(Posting p) {
    posting = p;
  }

  /** A handle of a spawn that was refused. */
  static <T extends @Nullable Object> JoinHandle<T> refused(
      Object body, @Nullable String name, String message) {
    JoinHandle<T> handle = new JoinHandle<>(body, name);
    handle.complete(new Cancelled(message));
    return handle;
  }

  /**
   * Waits for the end of the task. Each call gives a new one-shot operation.
   *
   * <p>Ready with the task's result once it completed, also long before. Pending until then; the
   * end of the task wakes. Throws what the task threw, as it is, or {@link CancellationException}
   * if the task was cancelled or refused. {@code cancel()} of the operation stops waiting and
   * leaves the task alone.
   *
   * @return a new operation
   */
  public Pollable<T> join() {
    return new Join();
  }

  /**
   * Asks the loop to end the task, in a turn of its own and never inside another task's poll; stops
   * its token at once. A result that is there first wins. Does nothing after the end.
   *
   * @return true if this call was the first to ask and the task had not ended
   */
  public boolean cancel() {
    Posting p = posting;
    return p != null && p.requestCancel();
  }

  /**
   * Leaves the task to itself, as dropping this handle does, but at once: a failure goes to the
   * uncaught handler, also if somebody has joined. Those who join get the outcome all the same.
   * Does nothing after the end.
   */
  public void detach() {
    detached = true;
  }

  /**
   * Whether the task has completed, failed or was cancelled.
   *
   * @return true after the end
   */
  public boolean isDone() {
    return isOutcome(state);
  }

  /**
   * The name of the task, or of its class if it was given none.
   *
   * @return the name
   */
  public String name() {
    Object n = named;
    return n instanceof String given
        ? given
        : Names.ofType(n instanceof Nameless nameless ? nameless.type : (Class<?>) n);
  }

  /**
   * What messages and dumps call the task: the name it was given; or its own text, which is null
   * before somebody asked.
   */
  @Nullable String taskName() {
    Object n = named;
    return n instanceof String given
        ? given
        : n instanceof Nameless nameless ? nameless.text : null;
  }

  /** Somebody has asked for the text of something that was given no name. */
  void tell(String text) {
    if (named instanceof Class<?> type) {
      named = new Nameless(type, text);
    }
  }

  /**
   * A future of the result. It is completed on the loop, so what is chained to it without an
   * executor runs there, between polls. A failed task completes it exceptionally with what it
   * threw, a cancelled one with {@link CancellationException}. Cancelling the future cancels the
   * task.
   *
   * @return a new future each time
   */
  public CompletableFuture<T> toCompletableFuture() {
    HandleFuture future = new HandleFuture();
    if (!register(future)) {
      future.wake();
    }
    return future;
  }

  @Override
  public String toString() {
    Object s = state;
    String how =
        !isOutcome(s)
            ? "running"
            : s instanceof Failure f
                ? "failed: " + f.cause
                : s instanceof Cancelled ? "cancelled" : "completed";
    return "JoinHandle[" + name() + ", " + how + "]";
  }

  // ------------------------------------------------------------------ the end, on the loop

  boolean completed(Poll<?> ready) {
    return complete(ready);
  }

  boolean failed(Throwable cause) {
    return complete(new Failure(cause));
  }

  boolean cancelled(String message) {
    return complete(new Cancelled(message));
  }

  /** Returns whether anybody takes what it came to. */
  private boolean complete(Object outcome) {
    posting = null;
    if (STATE.compareAndSet(this, null, outcome)) {
      return false;
    }
    List<Joiner> joiners;
    synchronized (this) {
      Object s = state;
      if (!(s instanceof Joiners waiting)) {
        throw new AssertionError("task '" + name() + "' ended twice: " + s + ", " + outcome);
      }
      joiners = waiting.list;
      state = outcome;
    }
    boolean taken = false;
    for (Joiner joiner : joiners) {
      taken |= joiner.takesFailure();
    }
    Wakers.wakeAll(joiners);
    return taken && !detached;
  }

  // ------------------------------------------------------------------ joining, any thread

  private static boolean isOutcome(@Nullable Object s) {
    return s != null && !(s instanceof Joiners);
  }

  /** Returns false if the outcome is there. */
  boolean register(Joiner joiner) {
    synchronized (this) {
      Object s = state;
      if (s == null) {
        Joiners first = new Joiners();
        s = STATE.compareAndExchange(this, null, first);
        s = s == null ? first : s;
      }
      if (s instanceof Joiners waiting) {
        waiting.list.add(joiner);
        return true;
      }
      return false;
    }
  }

  void unregister(Joiner joiner) {
    synchronized (this) {
      if (state instanceof Joiners waiting) {
        waiting.list.remove(joiner);
      }
    }
  }

  /** Somebody will look at {@link #outcome}: a failure is not uncaught. */
  void observe() {
    register(() -> {});
  }

  boolean isCancelled() {
    return state instanceof Cancelled;
  }

  /** What the task threw, or null if it did not end by that. */
  @Nullable Throwable failure() {
    return state instanceof Failure failure ? failure.cause : null;
  }

  @SuppressWarnings("unchecked") // the only Ready that gets here is the task's
  Poll<T> outcome() {
    Object s = state;
    if (s instanceof Poll.Ready<?>) {
      return (Poll<T>) s;
    }
    if (s instanceof Failure failure) {
      throw JoinHandle.<RuntimeException>asItIs(failure.cause);
    }
    if (s instanceof Cancelled cancelled) {
      throw new CancellationException(cancelled.message);
    }
    throw new AssertionError("no outcome: " + s);
  }

  /** Kotlin throws checked exceptions without declaring them, and other throwables too. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the point of it
  static <E extends Throwable> E asItIs(Throwable cause) throws E {
    throw (E) cause;
  }

  /** {@link #join}. The waker of the last poll is the one that is woken. */
  private final class Join extends Operation<T> implements Joiner {
    /** Volatile: written on the joiner's loop, read on the task's. */
    private volatile @Nullable Waker waker;

    private boolean registered;

    Join() {
      super("join of a task");
    }

    @Override
    protected Poll<T> doPoll(Context cx) throws Exception {
      if (isDone()) {
        return outcome();
      }
      waker = cx.waker("the end of a spawned task");
      if (!registered) {
        if (!register(this)) {
          return outcome();
        }
        registered = true;
      } else if (isDone()) { // the end may have read an older waker
        return outcome();
      }
      return Poll.pending();
    }

    @Override
    protected void doCancel() {
      waker = null;
      if (registered) {
        unregister(this);
      }
    }

    /** A task that has ended without giving its join up hears nothing. */
    @Override
    public boolean takesFailure() {
      Waker w = waker;
      return w != null && !w.isEnded();
    }

    @Override
    public void wake() {
      Waker w = waker;
      if (w != null) {
        w.wake();
      }
    }
  }

  private final class HandleFuture extends CompletableFuture<T> implements Joiner {
    /** One that was completed by somebody else does not pass a failure on. */
    @Override
    public boolean takesFailure() {
      return !isDone();
    }

    @Override
    public void wake() {
      try {
        complete(outcome().value());
      } catch (Throwable t) { // not swallowed: it is the outcome
        completeExceptionally(t);
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      JoinHandle.this.cancel();
      return super.cancel(mayInterruptIfRunning);
    }
  }
}
