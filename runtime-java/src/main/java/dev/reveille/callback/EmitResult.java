package dev.reveille.callback;

/**
 * What became of an element that a callback gave to its {@link Emitter}.
 *
 * <p>A callback API that can be told to stop asks it:
 *
 * <pre>{@code
 * feed.onPrice(price -> emitter.next(price) instanceof EmitResult.Terminated ? STOP : GO_ON);
 * }</pre>
 *
 * <p>The results are values, and do not hold the element.
 */
public sealed interface EmitResult {

  /**
   * The element is in the buffer, and nothing was lost for it.
   *
   * @param remaining how many more there was room for at that moment: {@link Integer#MAX_VALUE}
   *     without a bound; for a watermark, how many until it is reached, and zero beyond
   */
  record Enqueued(int remaining) implements EmitResult {
    /** Small numbers are shared, so that telling them costs nothing. */
    private static final Enqueued[] SMALL = new Enqueued[128];

    private static final Enqueued UNBOUNDED = new Enqueued(Integer.MAX_VALUE);

    static {
      for (int i = 0; i < SMALL.length; i++) {
        SMALL[i] = new Enqueued(i);
      }
    }

    static Enqueued of(int remaining) {
      return remaining < SMALL.length
          ? SMALL[remaining]
          : remaining == Integer.MAX_VALUE ? UNBOUNDED : new Enqueued(remaining);
    }
  }

  /**
   * There was no room, and an element was lost: the oldest one in favour of this one, where the
   * newest are kept ({@link Overflow#dropOldest}, {@link Overflow#latest}); else this one.
   */
  final class Dropped implements EmitResult {
    static final Dropped RESULT = new Dropped();

    private Dropped() {}

    @Override
    public String toString() {
      return "Dropped";
    }
  }

  /** The stream takes no more elements: it has ended, has failed or was given up. */
  final class Terminated implements EmitResult {
    static final Terminated RESULT = new Terminated();

    private Terminated() {}

    @Override
    public String toString() {
      return "Terminated";
    }
  }
}
