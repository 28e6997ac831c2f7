package dev.reveille.combine;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the first of several pollables, and gives the others up.
 *
 * <pre>{@code
 * Pollable<String> reply = Pollables.map(Select.of(fast, slow), Select.Winner::value);
 * }</pre>
 *
 * <p>Ready with the first branch that is found ready, by its index and with its value; in the same
 * poll all others are cancelled, in order. A branch that fails wins by that: its exception is
 * thrown, and what the cancels of the others throw is suppressed in it. Pending while no branch has
 * finished; whoever wakes one of them wakes the select, and each poll polls them all until one is
 * ready.
 *
 * <p><b>Fairness.</b> Each poll begins with another branch, in the order of the list from there and
 * around its end; and so does the first poll of each new select, in a pseudo-random row that is the
 * same in each run of a program. So a branch that is always ready does not starve the others. With
 * {@link #biased} every poll goes through the list from its beginning: for a branch that has to win
 * when it can, a request to stop before the next message. Then the earlier branches have to see to
 * it that the later ones get their turn.
 *
 * <p><b>Disabled branches.</b> A null in the list is a branch that is not waited for this time, so
 * that the others keep their indexes.
 *
 * <p><b>Losers.</b> What a loser had received, but not returned, goes where its {@code cancel}
 * sends it: a permit to the next in the queue, for example. To keep the losers for the next round,
 * and their places in their queues, use {@link ArmedSelect}.
 *
 * <p>{@code cancel} cancels every branch, in order, each of them whatever an earlier one throws.
 * What the cancel of a loser throws fails the select, since there is nobody else to tell.
 *
 * <p><b>Threading.</b> On the loop, as every {@link Pollable}; made anywhere. The branches belong
 * to the select from then on.
 *
 * @param <T> the common type of the values
 */
public final class Select<T extends @Nullable Object> extends Operation<Select.Winner<T>> {
  private final Children<T> branches;
  private boolean biased;

  /** Where the next poll begins; negative before the first. */
  private int start = -1;

  /**
   * The branch that was first.
   *
   * @param <T> the type of the value
   * @param index its place among the branches
   * @param value its value
   */
  public record Winner<T extends @Nullable Object>(int index, T value) {}

  private Select(Children<T> branches) {
    super("Select");
    this.branches = branches;
  }

  /**
   * Waits for the first of several.
   *
   * @param <T> the common type of the values
   * @param branches what to wait for; null for a branch that is disabled
   * @return the select, as this class says
   * @throws IllegalArgumentException if there is no branch to wait for
   */
  public static <T extends @Nullable Object> Select<T> of(
      List<? extends @Nullable Pollable<? extends T>> branches) {
    return new Select<>(checked("Select", new Children<T>("Select", branches)));
  }

  /**
   * Waits for the first of several.
   *
   * @param <T> the common type of the values
   * @param branches what to wait for; null for a branch that is disabled
   * @return the select, as this class says
   * @throws IllegalArgumentException if there is no branch to wait for
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  public static <T extends @Nullable Object> Select<T> of(
      @Nullable Pollable<? extends T>... branches) {
    return of(Arrays.asList(branches));
  }

  static <T extends @Nullable Object> Children<T> checked(String what, Children<T> branches) {
    if (branches.unfinished() == 0) {
      throw new IllegalArgumentException(
          what
              + (branches.size() == 0
                  ? " of no branches: it would never be ready"
                  : " in which every branch is disabled: it would never be ready"));
    }
    return branches;
  }

  /**
   * From now on every poll goes through the branches in the order of the list.
   *
   * @return this
   */
  public Select<T> biased() {
    biased = true;
    return this;
  }

  @Override
  protected Poll<Winner<T>> doPoll(Context cx) throws Exception {
    int size = branches.size();
    int from = biased ? 0 : start < 0 ? Turns.of(cx.dispatcher()).next(size) : start;
    start = branches.after(from, 1);
    for (int k = 0; k < size; k++) {
      int index = branches.after(from, k);
      Pollable<? extends T> branch = branches.get(index);
      if (branch == null) {
        continue;
      }
      Poll<T> poll;
      try {
        poll = Children.poll(cx, branch);
      } catch (Throwable t) {
        branches.take(index);
        branches.cancelAll(Abandon.cancelFailed(branch, t));
        throw t;
      }
      if (poll.isReady()) {
        branches.take(index);
        Abandon.raise(branches.cancelAll(null));
        return Poll.ready(new Winner<>(index, poll.value()));
      }
    }
    return Poll.pending();
  }

  @Override
  protected void doCancel() {
    Abandon.raise(branches.cancelAll(null));
  }

  @Override
  public String toString() {
    return "Select of " + branches.size();
  }
}
