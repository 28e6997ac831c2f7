package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/**
 * The base of hand-written {@linkplain PollStream streams}: keeps the rules about the end, so that
 * what is left to write is how the next element comes about and what has to be released.
 *
 * <p>A poll after the end throws {@link IllegalStateException} naming the stream and how it ended;
 * {@code cancel()} is idempotent; {@link #release} is called exactly once, whichever way the stream
 * ended.
 *
 * <pre>{@code
 * final class Countdown extends AbstractPollStream<Integer> {
 *   private final Timer timer;
 *   private int left;
 *
 *   Countdown(Dispatcher dispatcher, int from) {
 *     super("countdown");
 *     timer = new Timer(dispatcher);
 *     timer.reset(Duration.ofSeconds(1));
 *     left = from;
 *   }
 *
 *   @Override
 *   protected Poll<@Nullable Integer> doPollNext(Context cx) {
 *     if (left == 0) {
 *       return end();
 *     }
 *     if (timer.poll(cx).isPending()) {
 *       return Poll.pending();
 *     }
 *     timer.reset(Duration.ofSeconds(1));
 *     return element(left--);
 *   }
 *
 *   @Override
 *   protected void release() {
 *     timer.cancel();
 *   }
 * }
 * }</pre>
 *
 * <p><b>Threading.</b> On the loop only, as {@link PollStream}.
 *
 * @param <T> the type of the elements
 */
public abstract class AbstractPollStream<T> implements PollStream<T> {
  private enum End {
    EXHAUSTED("it gave its last element before"),
    FAILED("it failed before"),
    CANCELLED("it was cancelled");

    final String words;

    End(String words) {
      this.words = words;
    }
  }

  private static final Poll<?> END = Poll.<@Nullable Object>ready(null);

  private final String name;
  private @Nullable End end;

  /**
   * Creates a stream.
   *
   * @param name what it does, for dumps and messages
   */
  protected AbstractPollStream(String name) {
    this.name = requireNonNull(name, "name");
  }

  /**
   * One attempt to get the next element, under the contract of {@link PollStream#pollNext}. Not
   * called after the end.
   *
   * @param cx the context of this poll
   * @return {@link #element}, {@link #end} or pending
   * @throws Exception the failure of the stream
   */
  protected abstract Poll<@Nullable T> doPollNext(Context cx) throws Exception;

  /**
   * Releases what the stream holds: cancels what it polls, disarms its timer. Called exactly once,
   * on the loop, when the stream has ended, failed or was cancelled, polled or not. What it throws
   * after a failure is suppressed under that failure; else it goes to the caller of {@code
   * pollNext} or {@code cancel}.
   */
  protected void release() {}

  @Override
  public final Poll<@Nullable T> pollNext(Context cx) throws Exception {
    End ended = end;
    if (ended != null) {
      throw new IllegalStateException(
          "stream '" + name + "' polled again after its end: " + ended.words);
    }
    Poll<@Nullable T> poll;
    try {
      poll = doPollNext(cx);
      if (poll == null) { // by code that is not null-checked
        throw new NullPointerException(
            "stream '" + name + "' returned null; return element(...), end() or Poll.pending()");
      }
    } catch (Throwable t) {
      end = End.FAILED;
      try {
        release();
      } catch (Throwable second) {
        if (second != t) {
          t.addSuppressed(second);
        }
      }
      throw t;
    }
    if (poll.isReady() && poll.value() == null) {
      end = End.EXHAUSTED;
      release();
    }
    return poll;
  }

  @Override
  public final void cancel() {
    if (end == null) {
      end = End.CANCELLED;
      release();
    }
  }

  /**
   * The ready poll that gives an element.
   *
   * @param <T> the type of the elements
   * @param element the element, not null
   * @return ready with the element
   */
  protected static <T> Poll<@Nullable T> element(T element) {
    return Poll.<@Nullable T>ready(requireNonNull(element, "element"));
  }

  /**
   * The ready poll that says that there are no more elements.
   *
   * @param <T> the type of the elements
   * @return ready with null, one and the same instance
   */
  @SuppressWarnings("unchecked") // it holds no T
  protected static <T> Poll<@Nullable T> end() {
    return (Poll<@Nullable T>) END;
  }

  /**
   * Whether the stream has ended, failed or was cancelled.
   *
   * @return true after the end
   */
  public final boolean isFinished() {
    return end != null;
  }

  /**
   * The name.
   *
   * @return what this stream does
   */
  public final String name() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }
}
