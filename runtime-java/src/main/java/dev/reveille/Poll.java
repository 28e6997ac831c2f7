package dev.reveille;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one poll came to: {@link Ready} with a value, or the one {@link Pending}.
 *
 * <p>{@link #ready()} and {@link #pending()} allocate nothing. {@code ready(value)} costs one small
 * object where it is not inlined away.
 *
 * <pre>{@code
 * Poll<Integer> celsius = sensor.poll(cx);
 * if (celsius.isPending()) {
 *   return Poll.pending(); // the sensor has arranged the wake
 * }
 * return Poll.ready(celsius.value() * 9 / 5 + 32); // or: return celsius.map(c -> c * 9 / 5 + 32)
 * }</pre>
 *
 * @param <T> the type of the value
 */
public sealed interface Poll<T extends @Nullable Object> {

  /**
   * A ready poll without content.
   *
   * @return the shared instance
   */
  static Poll<Complete> ready() {
    return Ready.COMPLETE;
  }

  /**
   * A ready poll with a value.
   *
   * @param <T> the type of the value
   * @param value the value
   * @return a new ready poll
   */
  static <T extends @Nullable Object> Poll<T> ready(T value) {
    return new Ready<>(value);
  }

  /**
   * The pending poll. Whoever returns it has arranged a wake before: see {@link Pollable#poll}.
   *
   * @param <T> the type of the value that is not there yet
   * @return the shared instance
   */
  @SuppressWarnings("unchecked") // Pending holds no T
  static <T extends @Nullable Object> Poll<T> pending() {
    return (Poll<T>) Pending.INSTANCE;
  }

  /**
   * Whether there is a value.
   *
   * @return true for {@link Ready}
   */
  boolean isReady();

  /**
   * Whether there is no value yet.
   *
   * @return true for {@link Pending}
   */
  default boolean isPending() {
    return !isReady();
  }

  /**
   * The value.
   *
   * @return the value
   * @throws IllegalStateException if this poll is pending
   */
  T value();

  /**
   * This poll with its value, if it has one, put through a function.
   *
   * @param <R> the type of the new value
   * @param function called with the value, at once and only when ready; what it throws is thrown
   * @return the mapped poll, or pending
   */
  <R extends @Nullable Object> Poll<R> map(Function<? super T, ? extends R> function);

  /**
   * A poll that has its value.
   *
   * @param <T> the type of the value
   * @param value the value
   */
  record Ready<T extends @Nullable Object>(T value) implements Poll<T> {
    private static final Ready<Complete> COMPLETE = new Ready<>(Complete.COMPLETE);

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public <R extends @Nullable Object> Poll<R> map(Function<? super T, ? extends R> function) {
      return new Ready<>(function.apply(value));
    }
  }

  /**
   * The poll that has no value yet.
   *
   * @param <T> the type of the value to come
   */
  final class Pending<T extends @Nullable Object> implements Poll<T> {
    private static final Pending<?> INSTANCE = new Pending<@Nullable Object>();

    private Pending() {}

    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public T value() {
      throw new IllegalStateException(
          "no value: this poll is pending; ask isReady() first, and poll again after the wake");
    }

    @Override
    @SuppressWarnings("unchecked") // Pending holds no value of either type
    public <R extends @Nullable Object> Poll<R> map(Function<? super T, ? extends R> function) {
      return (Poll<R>) this;
    }

    @Override
    public String toString() {
      return "Pending";
    }
  }
}
