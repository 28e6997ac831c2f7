package dev.reveille.io.framing;

import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/**
 * Polls of what may be null, which stands for the end.
 *
 * <p>Here, and only here and where a stream is implemented, NullAway is not asked: javac 17 does
 * not show it in class files that the type of {@link Poll}'s value may be nullable, so from another
 * module it takes each {@code Poll<@Nullable T>} for a mistake.
 */
@SuppressWarnings("NullAway")
final class Polls {
  private Polls() {}

  static <T> Poll<@Nullable T> pending() {
    return Poll.<@Nullable T>pending();
  }

  static <T> Poll<@Nullable T> ready(@Nullable T value) {
    return Poll.<@Nullable T>ready(value);
  }
}
