package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Small builders. Each takes over the pollables that it is given, waits as they wait (ready,
 * pending and woken when they are, unless it says otherwise), and passes a {@code cancel} on to
 * those that are unfinished. What it makes is one-shot.
 *
 * <pre>{@code
 * Pollable<Integer> length =
 *     Pollables.recover(
 *         Pollables.map(Pollables.then(lookUp, this::read), String::length),
 *         IOException.class,
 *         e -> Pollables.ready(0));
 * }</pre>
 *
 * <p><b>Threading.</b> Made anywhere, polled and cancelled on the loop, where the functions run,
 * too.
 */
public final class Pollables {
  private Pollables() {}

  /**
   * A value that is there already.
   *
   * @param <T> the type of the value
   * @param value the value
   * @return ready in its first poll
   */
  public static <T extends @Nullable Object> Operation<T> ready(T value) {
    return new Operation<>("ready") {
      @Override
      protected Poll<T> doPoll(Context cx) {
        return Poll.ready(value);
      }
    };
  }

  /**
   * A failure that is known already.
   *
   * @param <T> the type of the value that will not come
   * @param failure what its first poll throws
   * @return fails in its first poll
   */
  public static <T extends @Nullable Object> Operation<T> failed(Exception failure) {
    requireNonNull(failure, "failure");
    return new Operation<>("failed") {
      @Override
      protected Poll<T> doPoll(Context cx) throws Exception {
        throw failure;
      }
    };
  }

  /**
   * A pollable that is made when it is polled for the first time, and not at all if it is cancelled
   * before.
   *
   * @param <T> the type of the result
   * @param source makes it; what it throws is the failure
   * @return the pollable to come
   */
  public static <T extends @Nullable Object> Operation<T> defer(
      Callable<? extends Pollable<? extends T>> source) {
    requireNonNull(source, "source");
    return new Chain<>("defer", null) {
      @Override
      protected Poll<T> doPoll(Context cx) throws Exception {
        if (!hasCurrent()) {
          begin(requireNonNull(source.call(), "the source of defer returned null"));
        }
        return this.<T>pollCurrent(cx);
      }
    };
  }

  /**
   * A function of the value.
   *
   * @param <A> the type of the value
   * @param <T> the type of the result
   * @param pollable gives the value
   * @param function called with it, in the poll in which it is ready; what it throws is the failure
   * @return ready with what the function returns
   */
  public static <A extends @Nullable Object, T extends @Nullable Object> Operation<T> map(
      Pollable<? extends A> pollable, ThrowingFunction<? super A, ? extends T> function) {
    return new Mapped<>("map", pollable, function);
  }

  /**
   * One after the other. The second is made from the value of the first and polled in the same
   * poll. A cancel reaches whichever is current.
   *
   * @param <A> the type of the first value
   * @param <T> the type of the result
   * @param first what to wait for first
   * @param next makes the second; what it throws is the failure
   * @return ready when the second is, with its value
   */
  public static <A extends @Nullable Object, T extends @Nullable Object> Operation<T> then(
      Pollable<? extends A> first,
      ThrowingFunction<? super A, ? extends Pollable<? extends T>> next) {
    return new Sequence<>(first, next);
  }

  /**
   * Another pollable in the place of one that failed. What is of another type is thrown as it is,
   * and so is what the second one throws. A function that throws fails it, with the first failure
   * suppressed.
   *
   * @param <X> the type of the failures
   * @param <T> the type of the result
   * @param pollable what may fail
   * @param type which failures are answered
   * @param function makes the second from the failure; it is polled in the same poll
   * @return ready when the first is, or when the second is
   */
  public static <X extends Throwable, T extends @Nullable Object> Operation<T> recover(
      Pollable<? extends T> pollable,
      Class<X> type,
      ThrowingFunction<? super X, ? extends Pollable<? extends T>> function) {
    return new Recovery<>(pollable, type, function);
  }

  /**
   * The first to finish, with a value or a failure; the others are cancelled. A {@link Select}
   * whose winner goes unnamed.
   *
   * @param <T> the common type of the values
   * @param candidates one or more
   * @return ready when the first of them is, or throws what it throws
   * @throws IllegalArgumentException if there are none
   */
  public static <T extends @Nullable Object> Operation<T> race(
      List<? extends Pollable<? extends T>> candidates) {
    Children.<T>all("race", candidates);
    return new Mapped<>("race", Select.<T>of(candidates), Select.Winner::value);
  }

  /**
   * The first to succeed; the others are cancelled. A failure waits for a success of the others: if
   * all fail, the first failure is thrown, with the later ones suppressed in it in their order; if
   * one succeeds, they are dropped. An {@link Error} and an {@link InterruptedException} do not
   * wait: they cancel the others and are thrown at once. Each poll begins with another candidate.
   *
   * @param <T> the common type of the values
   * @param candidates one or more
   * @return ready when the first of them is
   * @throws IllegalArgumentException if there are none
   */
  public static <T extends @Nullable Object> Operation<T> firstSuccess(
      List<? extends Pollable<? extends T>> candidates) {
    Children<T> children = Children.all("first success", candidates);
    return new FirstSuccess<>(Select.checked("first success", children));
  }

  /**
   * A body with what is to be done when it is over: for bodies that own sources such as a {@link
   * PollableSet}, an {@link ArmedSelect} or an {@link dev.reveille.Interval}, which are no
   * pollables themselves and have to be cancelled.
   *
   * @param <T> the type of the result
   * @param body the body
   * @param action run once, after the body was ready, has failed or was cancelled; what it throws
   *     is the failure, or suppressed in the one that is there
   * @return ready when the body is
   */
  public static <T extends @Nullable Object> Operation<T> withCleanup(
      Pollable<? extends T> body, Runnable action) {
    return new Cleanup<>(body, action);
  }
}
