package dev.reveille.combine;

import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/**
 * How combinators give their children up: every one of them, whatever the cancel of an earlier one
 * threw; and how failures add up: the first is thrown, the later ones are suppressed in it.
 */
final class Abandon {
  private Abandon() {}

  /**
   * Cancels a child.
   *
   * @param child the child; null is one that has finished
   * @param earlier what failed before, or null
   * @return the failure to be thrown in the end, or null
   */
  static @Nullable Throwable cancel(@Nullable Pollable<?> child, @Nullable Throwable earlier) {
    if (child == null) {
      return earlier;
    }
    try {
      child.cancel();
    } catch (Throwable t) {
      return earlier == null ? t : suppress(earlier, t);
    }
    return earlier;
  }

  /**
   * For a child that has just failed: by the contract it has ended, but a body that threw in the
   * middle, or one that is told only now that it forgot its waker, may hold children of its own.
   */
  static Throwable cancelFailed(@Nullable Pollable<?> child, Throwable failure) {
    Throwable all = cancel(child, failure);
    return all == null ? failure : all;
  }

  /** Returns the earlier one, with the later one suppressed in it. */
  static Throwable suppress(Throwable earlier, Throwable later) {
    if (earlier != later) { // an exception that suppresses itself is refused by the JDK
      earlier.addSuppressed(later);
    }
    return earlier;
  }

  /** Throws the failure, if there is one: as it is, also a checked one. */
  static void raise(@Nullable Throwable failure) {
    if (failure != null) {
      throw Abandon.<RuntimeException>asItIs(failure);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the point of it
  private static <E extends Throwable> E asItIs(Throwable failure) throws E {
    throw (E) failure;
  }
}
