package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A select for many rounds: the branches that did not win stay armed, with their places in their
 * queues and whatever they have received so far, and are polled on in the next round.
 *
 * <pre>{@code
 * ArmedSelect<String> select = ArmedSelect.of(List.of(orders.get(), alarms.get()));
 * Pollable<Complete> body =
 *     cx -> {
 *       for (; ; ) {
 *         Poll<Select.Winner<String>> poll = select.pollNext(cx);
 *         if (poll.isPending()) {
 *           return Poll.pending();
 *         }
 *         int winner = poll.value().index();
 *         log.add(poll.value().value());
 *         select.arm(winner, winner == 0 ? orders.get() : alarms.get());
 *       }
 *     };
 * }</pre>
 *
 * <p>A branch that was ready or has failed is spent, and not waited for, until {@link #arm} gives
 * it a new pollable. Each poll begins with the branch after the one with which the last poll began,
 * or after the one that won; {@link #biased} keeps the order of the list instead.
 *
 * <p><b>Threading.</b> On the loop, and by one task at a time; made anywhere. The branches belong
 * to the select until they are spent or replaced. Who owns it calls {@link #cancel} in the end:
 * {@link Pollables#withCleanup} does it for a lambda.
 *
 * @param <T> the common type of the values
 */
public final class ArmedSelect<T extends @Nullable Object> {
  private final Children<T> branches;
  private boolean biased;
  private boolean cancelled;
  private int start;

  private ArmedSelect(Children<T> branches) {
    this.branches = branches;
  }

  /**
   * Makes a select for many rounds.
   *
   * @param <T> the common type of the values
   * @param branches what to wait for; null for a branch that is not armed yet
   * @return the select
   * @throws IllegalArgumentException if there is no branch to wait for
   */
  public static <T extends @Nullable Object> ArmedSelect<T> of(
      List<? extends @Nullable Pollable<? extends T>> branches) {
    return new ArmedSelect<>(
        Select.checked("ArmedSelect", new Children<T>("ArmedSelect", branches)));
  }

  /**
   * From now on every poll goes through the branches in the order of the list.
   *
   * @return this
   */
  public ArmedSelect<T> biased() {
    biased = true;
    return this;
  }

  /**
   * Waits for the next winner; may be called again and again.
   *
   * <p>Ready with the first branch that is found ready; it is spent by that, and the others stay
   * armed. Pending while no branch is ready; whoever wakes one of them wakes the task. Throws what
   * a branch throws, which is spent by that too ({@link #isArmed} tells which it was), and the
   * others stay armed.
   *
   * @param cx the context of the poll
   * @return ready with the winner, or pending
   * @throws IllegalStateException if every branch is spent, or the select was cancelled
   * @throws Exception what a branch threw
   */
  public Poll<Select.Winner<T>> pollNext(Context cx) throws Exception {
    if (branches.unfinished() == 0) {
      throw new IllegalStateException(
          cancelled
              ? "ArmedSelect polled after its cancel"
              : "every branch of this ArmedSelect is spent: arm() one before the next poll");
    }
    int from = biased ? 0 : start;
    start = branches.after(from, 1);
    for (int k = 0; k < branches.size(); k++) {
      int index = branches.after(from, k);
      Pollable<? extends T> branch = branches.get(index);
      if (branch == null) {
        continue;
      }
      Poll<T> poll;
      try {
        poll = Children.poll(cx, branch);
      } catch (Throwable t) {
        spend(index, branch);
        Abandon.cancelFailed(branch, t);
        throw t;
      }
      if (poll.isReady()) {
        spend(index, branch);
        return Poll.ready(new Select.Winner<>(index, poll.value()));
      }
    }
    return Poll.pending();
  }

  private void spend(int index, Pollable<? extends T> branch) {
    start = branches.after(index, 1);
    if (branches.get(index) == branch) { // and was not replaced by itself while it was polled
      branches.take(index);
    }
  }

  /**
   * {@link #pollNext} as a one-shot operation. {@code cancel} of it leaves the branches armed.
   *
   * @return a new operation
   */
  public Operation<Select.Winner<T>> next() {
    return new Operation<>("ArmedSelect.next") {
      @Override
      protected Poll<Select.Winner<T>> doPoll(Context cx) throws Exception {
        return pollNext(cx);
      }
    };
  }

  /**
   * Gives a branch a pollable to wait for. One that is still armed there is cancelled first.
   *
   * @param index the branch
   * @param pollable what it waits for from now on
   * @throws IndexOutOfBoundsException if there is no such branch
   * @throws IllegalStateException if the select was cancelled; the pollable is not taken
   */
  public void arm(int index, Pollable<? extends T> pollable) {
    requireNonNull(pollable, "pollable");
    if (cancelled) {
      throw new IllegalStateException("branch " + index + " armed after the cancel of its select");
    }
    Pollable<? extends T> replaced = branches.take(index);
    branches.set(index, pollable);
    if (replaced != pollable) {
      Abandon.raise(Abandon.cancel(replaced, null));
    }
  }

  /**
   * Cancels a branch: it is not waited for until it is armed again. Nothing if it is not armed.
   *
   * @param index the branch
   * @throws IndexOutOfBoundsException if there is no such branch
   */
  public void disarm(int index) {
    Abandon.raise(Abandon.cancel(branches.take(index), null));
  }

  /**
   * Whether a branch is waited for.
   *
   * @param index the branch
   * @return false if it is spent, disarmed or was never armed
   * @throws IndexOutOfBoundsException if there is no such branch
   */
  public boolean isArmed(int index) {
    return branches.get(index) != null;
  }

  /**
   * How many branches are waited for.
   *
   * @return the number; a poll of none throws
   */
  public int armed() {
    return branches.unfinished();
  }

  /**
   * The owner gives the select up: cancels every branch that is armed, in order, each of them
   * whatever an earlier one throws. Idempotent. The select is not polled after it.
   */
  public void cancel() {
    cancelled = true;
    Abandon.raise(branches.cancelAll(null));
  }

  @Override
  public String toString() {
    return "ArmedSelect of " + branches.size() + ", armed: " + branches.unfinished();
  }
}
