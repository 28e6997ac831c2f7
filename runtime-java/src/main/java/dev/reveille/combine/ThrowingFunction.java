package dev.reveille.combine;

import org.jspecify.annotations.Nullable;

/**
 * A function that may throw: what it throws is the failure of the pollable that calls it.
 *
 * <pre>{@code
 * ThrowingFunction<Path, String> read = Files::readString; // throws IOException
 * Pollable<String> config = Pollables.map(path, read);
 * }</pre>
 *
 * @param <A> the type of the argument
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface ThrowingFunction<A extends @Nullable Object, R extends @Nullable Object> {

  /**
   * Applies the function. On the loop; it must not block.
   *
   * @param argument the argument
   * @return the result
   * @throws Exception the failure
   */
  R apply(A argument) throws Exception;
}
