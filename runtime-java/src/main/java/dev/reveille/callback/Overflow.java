package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What to do with an element that a callback brings while the consumer is still busy with those
 * before it. There is no default: a callback API without back pressure leaves only the choice
 * between memory, loss, a pause and a blocked thread, and that choice is the program's.
 *
 * <p>A source that can be paused, and whose elements must not be lost:
 *
 * <pre>{@code
 * Overflow overflow =
 *     Overflow.watermark(
 *         16, // once no more than these are left, it goes on
 *         64, // once there are so many, it is asked to stop
 *         () -> socket.setAutoRead(false),
 *         () -> socket.setAutoRead(true));
 * }</pre>
 *
 * <p>Immutable; one can serve many streams, but for the actions of {@link #watermark}, which mean
 * one source.
 */
public final class Overflow {
  private static final String BUFFER = "buffer";
  private static final String DROP_OLDEST = "dropOldest";
  private static final String BLOCK = "block";

  private static final Overflow UNBOUNDED = new Overflow("unbounded", Integer.MAX_VALUE);
  private static final Overflow LATEST = new Overflow("latest", 1);

  private final String name;

  /** How many elements there is room for; of a watermark, the high one. */
  final int capacity;

  /** The following belong to a watermark. */
  final int low;

  final @Nullable Runnable pause;
  final @Nullable Runnable resume;

  private Overflow(String name, int capacity) {
    this(name, capacity, 0, null, null);
  }

  private Overflow(
      String name, int capacity, int low, @Nullable Runnable pause, @Nullable Runnable resume) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "an overflow of " + capacity + " elements: there has to be room for at least one");
    }
    this.name = name;
    this.capacity = capacity;
    this.low = low;
    this.pause = pause;
    this.resume = resume;
  }

  /** Whether an element that was accepted may have to go again. */
  boolean keepsNewest() {
    return this == LATEST || name.equals(DROP_OLDEST);
  }

  /** Whether an element too many fails the stream. */
  boolean fails() {
    return name.equals(BUFFER);
  }

  /** Whether one who emits waits for room. */
  boolean blocks() {
    return name.equals(BLOCK);
  }

  /**
   * Keeps everything. For sources that are known to be slow, or to end soon: there is no other
   * bound than the memory.
   *
   * @return the shared instance
   */
  public static Overflow unbounded() {
    return UNBOUNDED;
  }

  /**
   * Keeps so many, and fails the stream with an {@link OverflowException} when one more comes; what
   * is in the buffer is given first. The element too many is dropped.
   *
   * @param capacity how many
   * @return a new overflow
   * @throws IllegalArgumentException if it is less than one
   */
  public static Overflow buffer(int capacity) {
    return new Overflow(BUFFER, capacity);
  }

  /**
   * Keeps the newest so many: the oldest one makes room for one more.
   *
   * @param capacity how many
   * @return a new overflow
   * @throws IllegalArgumentException if it is less than one
   */
  public static Overflow dropOldest(int capacity) {
    return new Overflow(DROP_OLDEST, capacity);
  }

  /**
   * Keeps the oldest so many: one more is dropped.
   *
   * @param capacity how many
   * @return a new overflow
   * @throws IllegalArgumentException if it is less than one
   */
  public static Overflow dropLatest(int capacity) {
    return new Overflow("dropLatest", capacity);
  }

  /**
   * Keeps the newest one: for values of which only the current one matters.
   *
   * @return the shared instance
   */
  public static Overflow latest() {
    return LATEST;
  }

  /**
   * Keeps everything, and asks the source to pause when there is too much of it. Elements that come
   * all the same, before the source obeys, are kept.
   *
   * <p>Both actions run on the loop, each in a turn of its own: not within a poll or a callback,
   * and under no lock. So a loop that is busy asks later than at the mark: {@code pause} runs if
   * {@code high} elements or more are there when its turn has come, {@code resume} if there are
   * {@code low} or fewer. They alternate strictly, {@code pause} first. Once the stream takes no
   * more elements, because it was terminated or cancelled, neither is called any more. What they
   * throw fails the stream, after what is in the buffer.
   *
   * @param low how many elements may be left when the source is asked to go on; zero or more
   * @param high how many elements are too many; above {@code low}
   * @param pause asks the source to pause
   * @param resume asks the source to go on
   * @return a new overflow
   * @throws IllegalArgumentException if {@code low} is negative, or not below {@code high}
   */
  public static Overflow watermark(int low, int high, Runnable pause, Runnable resume) {
    if (low < 0 || low >= high) {
      throw new IllegalArgumentException(
          "watermarks "
              + low
              + " and "
              + high
              + ": the low one has to be zero or more, and below the high one");
    }
    return new Overflow(
        "watermark", high, low, requireNonNull(pause, "pause"), requireNonNull(resume, "resume"));
  }

  /**
   * Keeps so many, and lets the callback wait for room, which stops the thread that it comes on. A
   * thread of the source waits until the consumer has taken an element, or the stream has ended,
   * has failed or was cancelled, as it is when its dispatcher is closed; or until it is
   * interrupted: then its element is dropped, and it stays interrupted. Threads that wait are
   * served in their order.
   *
   * <p>The thread waits with the locks of its callers, so the consumer must not need these. On the
   * thread of a loop {@link Emitter#next} throws {@link IllegalStateException}: the loop would
   * stand still.
   *
   * @param capacity how many
   * @return a new overflow
   * @throws IllegalArgumentException if it is less than one
   */
  public static Overflow block(int capacity) {
    return new Overflow(BLOCK, capacity);
  }

  @Override
  public String toString() {
    if (this == UNBOUNDED || this == LATEST) {
      return name;
    }
    return name + "(" + (pause == null ? "" : low + ", ") + capacity + ")";
  }
}
