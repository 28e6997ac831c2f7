package dev.reveille.callback;

import org.jspecify.annotations.Nullable;

/** An element on its way to the loop, linked to its neighbour; or, as {@link Ending}, the end. */
class Emission {
  /** Null once it was taken. Plain: handed over by the links. */
  @Nullable Object element;

  /** The one before it while it is pushed, the one after it once the loop has it. */
  @Nullable Emission next;

  Emission(@Nullable Object element) {
    this.element = element;
  }

  /** How a stream ends: nothing can be pushed on top of it. */
  static final class Ending extends Emission {
    /** Null if that is the end, and no failure. */
    final @Nullable Throwable failure;

    Ending(@Nullable Throwable failure) {
      super(null);
      this.failure = failure;
    }
  }
}
