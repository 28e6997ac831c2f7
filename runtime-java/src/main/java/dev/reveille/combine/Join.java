package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits for all of several pollables.
 *
 * <pre>{@code
 * Pollable<String> page = Join.both(title, body, (t, b) -> t + ": " + b);
 * }</pre>
 *
 * <p>Ready with all the values, in the order in which the pollables were given, once the last of
 * them is ready. Pending until then; whoever wakes one of them wakes the join, and each poll polls
 * those that are not done, beginning with another one each time, so that none is always the one for
 * which no budget is left. For very many use a {@link PollableSet}, which polls only those that
 * were woken.
 *
 * <p>The first failure cancels the others at once and is thrown, with what their cancels throw
 * suppressed in it; values that were there already are dropped. {@code cancel} cancels all that are
 * not done, in order, each of them whatever an earlier one throws.
 *
 * <p><b>Threading.</b> On the loop, as every {@link Pollable}; made anywhere. The children belong
 * to the join from then on.
 */
public final class Join {
  private Join() {}

  /**
   * A function of two values.
   *
   * @param <A> the type of the first
   * @param <B> the type of the second
   * @param <R> the type of the result
   */
  @FunctionalInterface
  public interface Both<
      A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> {
    /**
     * Makes one of two.
     *
     * @param a the first
     * @param b the second
     * @return the result
     * @throws Exception the failure of the join
     */
    R apply(A a, B b) throws Exception;
  }

  /**
   * A function of three values.
   *
   * @param <A> the type of the first
   * @param <B> the type of the second
   * @param <C> the type of the third
   * @param <R> the type of the result
   */
  @FunctionalInterface
  public interface Three<
      A extends @Nullable Object,
      B extends @Nullable Object,
      C extends @Nullable Object,
      R extends @Nullable Object> {
    /**
     * Makes one of three.
     *
     * @param a the first
     * @param b the second
     * @param c the third
     * @return the result
     * @throws Exception the failure of the join
     */
    R apply(A a, B b, C c) throws Exception;
  }

  /**
   * All values, as a list that can not be changed. Of an empty list: ready at once.
   *
   * @param <T> the type of the values
   * @param children what to wait for
   * @return the join, as this class says
   * @throws NullPointerException if a child is null
   */
  public static <T extends @Nullable Object> Operation<List<T>> all(
      List<? extends Pollable<? extends T>> children) {
    return new AllOf<>(Children.<T>all("Join", children));
  }

  /**
   * Two values of different types, put together.
   *
   * @param <A> the type of the first
   * @param <B> the type of the second
   * @param <R> the type of the result
   * @param first what to wait for
   * @param second what to wait for as well
   * @param function called in the poll in which both are there; what it throws is thrown
   * @return the join, as this class says
   */
  @SuppressWarnings("unchecked") // each value is of the type of the child in its place
  public static <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      Operation<R> both(
          Pollable<? extends A> first,
          Pollable<? extends B> second,
          Both<? super A, ? super B, ? extends R> function) {
    requireNonNull(function, "function");
    return new Mapped<>(
        "Join",
        Join.<@Nullable Object>all(List.of(first, second)),
        values -> function.apply((A) values.get(0), (B) values.get(1)));
  }

  /**
   * Three values of different types, put together.
   *
   * @param <A> the type of the first
   * @param <B> the type of the second
   * @param <C> the type of the third
   * @param <R> the type of the result
   * @param first what to wait for
   * @param second what to wait for as well
   * @param third what to wait for as well
   * @param function called in the poll in which all are there; what it throws is thrown
   * @return the join, as this class says
   */
  @SuppressWarnings("unchecked") // each value is of the type of the child in its place
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      Operation<R> three(
          Pollable<? extends A> first,
          Pollable<? extends B> second,
          Pollable<? extends C> third,
          Three<? super A, ? super B, ? super C, ? extends R> function) {
    requireNonNull(function, "function");
    return new Mapped<>(
        "Join",
        Join.<@Nullable Object>all(List.of(first, second, third)),
        values -> function.apply((A) values.get(0), (B) values.get(1), (C) values.get(2)));
  }

  private static final class AllOf<T extends @Nullable Object> extends Operation<List<T>> {
    private final Children<T> children;
    private final @Nullable Object[] values;
    private int start;

    AllOf(Children<T> children) {
      super("Join");
      this.children = children;
      this.values = new @Nullable Object[children.size()];
    }

    @Override
    @SuppressWarnings("unchecked") // only values of children get into the array
    protected Poll<List<T>> doPoll(Context cx) throws Exception {
      int from = start;
      for (int k = 0; k < values.length; k++) {
        int index = children.after(from, k);
        Pollable<? extends T> child = children.get(index);
        if (child != null) {
          pollOne(cx, index, child);
        }
      }
      if (children.unfinished() > 0) {
        start = children.after(from, 1);
        return Poll.pending();
      }
      return Poll.ready((List<T>) Collections.unmodifiableList(Arrays.asList(values)));
    }

    private void pollOne(Context cx, int index, Pollable<? extends T> child) throws Exception {
      try {
        Poll<T> poll = Children.poll(cx, child);
        if (poll.isReady()) {
          values[index] = poll.value();
          children.take(index);
        }
      } catch (Throwable t) {
        Arrays.fill(values, null);
        children.take(index);
        children.cancelAll(Abandon.cancelFailed(child, t));
        throw t;
      }
    }

    @Override
    protected void doCancel() {
      Arrays.fill(values, null);
      Abandon.raise(children.cancelAll(null));
    }

    @Override
    public String toString() {
      return "Join of " + values.length;
    }
  }
}
