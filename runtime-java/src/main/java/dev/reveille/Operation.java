package dev.reveille;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A one-shot operation: polled until it is ready once, or until it throws, or until its owner gives
 * it up. The base of {@code join()}, {@code read(buffer)}, {@code Callbacks.call(...)} and their
 * like.
 *
 * <p>A poll after the end throws {@link IllegalStateException} naming the operation and how it
 * ended.
 *
 * <p><b>Threading.</b> On the loop only, as every {@link Pollable}.
 *
 * <p>An operation that holds a timer while it is unfinished:
 *
 * <pre>{@code
 * final class Sleep extends Operation<Complete> {
 *   private final Duration duration;
 *   private @Nullable Timer timer;
 *
 *   Sleep(Duration duration) {
 *     super("sleep");
 *     this.duration = duration;
 *   }
 *
 *   @Override
 *   protected Poll<Complete> doPoll(Context cx) {
 *     if (timer == null) { // the first poll: the time begins now
 *       timer = new Timer(cx.dispatcher());
 *       timer.reset(duration);
 *     }
 *     return timer.poll(cx);
 *   }
 *
 *   @Override
 *   protected void doCancel() {
 *     if (timer != null) {
 *       timer.cancel();
 *     }
 *   }
 * }
 * }</pre>
 *
 * @param <T> the type of the result
 */
public abstract class Operation<T extends @Nullable Object> implements Pollable<T> {
  private static final byte READY = 1;
  private static final byte FAILED = 2;
  private static final byte CANCELLED = 3;

  /**
   * The name. There are as many operations as there are values to wait for, so four bytes count:
   * those of {@code dev.reveille.sync} that know their name by what they wait at put that here in
   * its place (by a VarHandle, in their constructor), and override {@link #toString}.
   */
  @SuppressWarnings("FieldMayBeFinal")
  private Object name;

  /** How it ended, or zero. A byte, which leaves three to the fields of subclasses. */
  private byte end;

  /**
   * Creates an operation.
   *
   * @param name what it does, for dumps and messages
   */
  protected Operation(String name) {
    this.name = requireNonNull(name, "name");
  }

  /**
   * One attempt, under the contract of {@link Pollable#poll}. Not called after the end.
   *
   * @param cx the context of this poll
   * @return ready with the result, or pending
   * @throws Exception the failure of the operation
   */
  protected abstract Poll<T> doPoll(Context cx) throws Exception;

  /** Releases what the unfinished operation holds. Called at most once, on the loop. */
  protected void doCancel() {}

  @Override
  public final Poll<T> poll(Context cx) throws Exception {
    if (end != 0) {
      throw pollAfterEnd();
    }
    Poll<T> result;
    try {
      result = doPoll(cx);
      if (result == null) { // by code that is not null-checked
        throw Misuse.nullPoll(name());
      }
    } catch (Throwable t) {
      end = FAILED;
      throw t;
    }
    if (result.isReady()) {
      end = READY;
    }
    return result;
  }

  @Override
  public final void cancel() {
    if (end == 0) {
      end = CANCELLED;
      doCancel();
    }
  }

  /**
   * Whether the operation was ready, failed or was cancelled.
   *
   * @return true after the end
   */
  public final boolean isFinished() {
    return end != 0;
  }

  /**
   * The name.
   *
   * @return what this operation does
   */
  public final String name() {
    return name instanceof String text ? text : toString();
  }

  @Override
  public String toString() {
    return name.toString();
  }

  private IllegalStateException pollAfterEnd() {
    return new IllegalStateException(
        "operation '"
            + name()
            + "' polled again after its end: it "
            + (end == READY
                ? "was ready before"
                : end == FAILED ? "failed before" : "was cancelled"));
  }
}
