package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Names;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Many pollables, thousands of them, in one task: each has a waker of its own, and only those that
 * were woken are polled. They come out in the order in which they finish.
 *
 * <pre>{@code
 * PollableSet<String> replies = new PollableSet<>();
 * for (Pollable<String> request : requests) {
 *   replies.add(request);
 * }
 * Pollable<Complete> body =
 *     cx -> {
 *       for (; ; ) {
 *         Poll<@Nullable Outcome<String>> poll = replies.pollNext(cx);
 *         if (poll.isPending()) {
 *           return Poll.pending();
 *         }
 *         Outcome<String> outcome = poll.value();
 *         if (outcome == null) {
 *           return Poll.ready(); // all have finished
 *         }
 *         log.add(outcome.isSuccess() ? outcome.get() : "failed");
 *       }
 *     };
 * loop.spawn(Pollables.withCleanup(body, replies::cancel));
 * }</pre>
 *
 * <p>A child that throws ends by that, and the set goes on: the failure is that child's {@link
 * Outcome}. A child that returns Pending without having asked its context for a waker fails, too,
 * by name.
 *
 * <p><b>Fairness.</b> The child whose wake is the oldest is polled first; one that wakes itself
 * comes behind all that were woken before. Each poll of a child spends a unit of the task's budget;
 * when that is spent, the task gives way to the loop and goes on in its next turn.
 *
 * <p><b>Owner.</b> One task polls the set. It may be handed to another task of the same loop: from
 * the poll of that one on, wakes go there. Who owns it calls {@link #cancel} in the end, as a
 * {@link dev.reveille.Task} does in its {@code cleanup()}.
 *
 * <p><b>Threading.</b> Everything is called on the loop of the task that polls, or by any thread
 * while nobody drives it, and before the first poll; elsewhere it is refused, as far as it can be
 * told. The wakers that children get may be called by any thread. <b>Memory effects.</b> As of
 * every {@link dev.reveille.Waker}: actions before the wake of a child happen-before the poll of
 * that child that follows it.
 *
 * @param <T> the common type of the values
 */
public final class PollableSet<T extends @Nullable Object> {
  private final ReadyList<T> ready = new ReadyList<>();

  /** All children, in the order of their coming, linked by before and after. */
  private @Nullable Member<T> first;

  private @Nullable Member<T> last;
  private int size;
  private boolean cancelled;

  /** In {@link #pollNext}: what is woken then is seen by it. */
  private boolean polling;

  /** Where it was polled last. */
  private @Nullable Dispatcher home;

  /** Never armed: asks the loop of home whether this is the right thread. */
  private @Nullable Timer guard;

  /** Creates an empty set. */
  public PollableSet() {}

  /**
   * Adds a child, which belongs to the set from then on. It is polled for the first time in the
   * next {@link #pollNext}; a task that waits in one is woken. Children may add others.
   *
   * @param child what to wait for
   * @throws IllegalStateException if the set was cancelled (the child is not taken), or another
   *     thread drives the loop
   */
  public void add(Pollable<? extends T> child) {
    requireNonNull(child, "child");
    requireLoop("add");
    if (cancelled) {
      throw new IllegalStateException(
          "'" + Names.of(child) + "' added to a set that was cancelled");
    }
    Member<T> member = new Member<>(ready, child);
    Member<T> l = last;
    if (l == null) {
      first = member;
    } else {
      l.after = member;
      member.before = l;
    }
    last = member;
    size++;
    ready.append(member);
    if (!polling) {
      ready.wakeParent();
    }
  }

  /**
   * Waits for the next child to finish; may be called again and again, and has to be, until it is
   * pending, for wakes to reach the task.
   *
   * <p>Ready with the outcome of a child, which has left the set, or with null when there are no
   * children. Pending while there are, and none that was woken has finished; the wake of any child
   * wakes the task, and so does {@link #add}. Throws nothing of the children.
   *
   * @param cx the context of the poll
   * @return ready with an outcome, or with null if the set is empty; or pending
   * @throws IllegalStateException if a child polls the set that it is in
   */
  public Poll<@Nullable Outcome<T>> pollNext(Context cx) {
    if (polling) {
      throw new IllegalStateException("a child of a PollableSet polled the set that it is in");
    }
    home = cx.dispatcher();
    ready.unregister(); // the task is awake: a child that wakes itself need not wake it
    polling = true;
    try {
      return next(cx);
    } finally {
      polling = false;
    }
  }

  private Poll<@Nullable Outcome<T>> next(Context cx) {
    while (size > 0) {
      if (ready.isEmpty()) {
        ready.register(cx, "a child of a PollableSet");
        if (ready.isEmpty()) {
          return Poll.pending();
        }
        ready.unregister();
      }
      if (!cx.tryProceed()) {
        return Poll.pending(); // and woken: those who are ready keep their places
      }
      Member<T> member = takeAlive();
      Outcome<T> outcome = member == null ? null : poll(cx, member);
      if (outcome != null) {
        return Poll.ready(outcome);
      }
    }
    return Poll.ready(null);
  }

  /** Skips those that ended while they were linked. */
  private @Nullable Member<T> takeAlive() {
    Member<T> member = ready.take();
    while (member != null && member.child == null) {
      member = ready.take();
    }
    return member;
  }

  /** Returns null if the child is pending, or was cancelled while it was polled. */
  private @Nullable Outcome<T> poll(Context cx, Member<T> member) {
    Pollable<? extends T> child = requireNonNull(member.child);
    Outcome<T> outcome;
    try {
      Poll<T> poll = member.poll(cx, child);
      if (poll.isPending()) {
        return null;
      }
      outcome = new Outcome.Success<>(child, poll.value());
    } catch (Throwable t) { // not swallowed: it is the outcome
      if (t instanceof InterruptedException) {
        Thread.currentThread().interrupt(); // the loop takes note of it
      }
      outcome = new Outcome.Failure<>(child, Abandon.cancelFailed(child, t));
    }
    if (member.child == null) {
      return null;
    }
    remove(member);
    return outcome;
  }

  private void remove(Member<T> member) {
    Member<T> b = member.before;
    Member<T> a = member.after;
    if (b == null) {
      first = a;
    } else {
      b.after = a;
    }
    if (a == null) {
      last = b;
    } else {
      a.before = b;
    }
    member.before = null;
    member.after = null;
    member.release();
    size--;
  }

  /**
   * {@link #pollNext} as a one-shot operation. {@code cancel} of it leaves the children alone.
   *
   * @return a new operation
   */
  public Operation<@Nullable Outcome<T>> next() {
    return new Operation<>("PollableSet.next") {
      @Override
      protected Poll<@Nullable Outcome<T>> doPoll(Context cx) {
        return pollNext(cx);
      }

      @Override
      protected void doCancel() {
        ready.unregister();
      }
    };
  }

  /**
   * Cancels every child, in the order of their coming, each of them whatever an earlier one throws.
   * The set is empty then, and a task that waits in {@link #pollNext} is woken. Children can be
   * added again.
   *
   * @throws IllegalStateException if another thread drives the loop
   */
  public void cancelAll() {
    requireLoop("cancelAll");
    Throwable failure = null;
    for (Member<T> member = first; member != null; member = first) {
      Pollable<? extends T> child = member.child;
      remove(member);
      failure = Abandon.cancel(child, failure);
    }
    while (ready.take() != null) {
      // Unlinked, so that nothing hangs on a dead one that somebody still holds as a waker.
    }
    ready.wakeParent();
    Abandon.raise(failure);
  }

  /**
   * The owner gives the set up: {@link #cancelAll}, and nothing can be added after it. Idempotent.
   *
   * @throws IllegalStateException if another thread drives the loop
   */
  public void cancel() {
    requireLoop("cancel");
    cancelled = true;
    cancelAll();
  }

  /**
   * How many children have not finished, or were not taken out by {@link #pollNext} yet.
   *
   * @return the number
   */
  public int size() {
    return size;
  }

  /**
   * Whether there are no children.
   *
   * @return true if the next {@link #pollNext} is ready with null
   */
  public boolean isEmpty() {
    return size == 0;
  }

  /**
   * A set that was polled belongs to a loop. Between runs anybody may use it, as anybody may use a
   * timer then: so a timer tells whether somebody else drives.
   */
  private void requireLoop(String operation) {
    Dispatcher d = home;
    if (d == null || d.onLoop()) {
      return;
    }
    Timer g = guard;
    if (g == null) {
      g = new Timer(d);
      guard = g;
    }
    try {
      g.cancel();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "PollableSet." + operation + " belongs on the loop of the task that polls the set", e);
    }
  }

  @Override
  public String toString() {
    return "PollableSet of " + size;
  }
}
