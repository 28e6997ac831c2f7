package dev.reveille.combine;

import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/**
 * How a child of a {@link PollableSet} ended.
 *
 * <pre>{@code
 * String line =
 *     outcome instanceof Outcome.Failure<String> failure
 *         ? failure.child() + " failed: " + failure.cause().getMessage()
 *         : outcome.get();
 * }</pre>
 *
 * @param <T> the type of the values
 */
public sealed interface Outcome<T extends @Nullable Object> {

  /**
   * Which child it was.
   *
   * @return what was given to {@link PollableSet#add}
   */
  Pollable<? extends T> child();

  /**
   * Whether there is a value.
   *
   * @return true for {@link Success}
   */
  default boolean isSuccess() {
    return this instanceof Success;
  }

  /**
   * The value.
   *
   * @return the value
   * @throws Exception what the child threw, as it is, if it failed
   */
  T get() throws Exception;

  /**
   * The child was ready.
   *
   * @param <T> the type of the value
   * @param child which child
   * @param value its value
   */
  record Success<T extends @Nullable Object>(Pollable<? extends T> child, T value)
      implements Outcome<T> {
    @Override
    public T get() {
      return value;
    }
  }

  /**
   * The child threw.
   *
   * @param <T> the type of the value that will not come
   * @param child which child
   * @param cause what it threw
   */
  record Failure<T extends @Nullable Object>(Pollable<? extends T> child, Throwable cause)
      implements Outcome<T> {
    @Override
    public T get() {
      Abandon.raise(cause);
      throw new AssertionError("a failure without a cause", cause);
    }
  }
}
