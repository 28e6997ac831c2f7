package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The side of a {@link StopSource} that is asked: politely, once and for all, whether to stop.
 *
 * <pre>{@code
 * Poll<Complete> doPoll(Context cx) throws Exception {
 *   while (!cx.stopToken().isStopped()) {
 *     Poll<String> line = lines.poll(cx);
 *     if (line.isPending()) {
 *       return cx.stopToken().pollStopped(cx); // woken by either
 *     }
 *     handle(line.value());
 *   }
 *   return Poll.ready();
 * }
 * }</pre>
 *
 * <p><b>Threading.</b> {@link #isStopped} may be called by any thread; {@link #pollStopped} by
 * tasks of any dispatcher, on their loop.
 *
 * <p><b>Memory effects.</b> Actions before {@link StopSource#stop} happen-before everything that
 * follows a true {@code isStopped()} or a ready {@code pollStopped}, also where it was an ancestor
 * that was stopped.
 */
public final class StopToken {
  final StopSource source;

  StopToken(StopSource source) {
    this.source = source;
  }

  /**
   * A token that nobody stops.
   *
   * @return the shared instance
   */
  public static StopToken never() {
    return StopSource.NEVER.token();
  }

  /**
   * Whether stop was requested. Once true it stays true.
   *
   * @return true after {@link StopSource#stop}
   */
  public boolean isStopped() {
    return source.isStopped();
  }

  /**
   * Waits for the stop; may be called again and again. Ready once stop was requested, also if that
   * was before. Pending until then; {@link StopSource#stop} wakes each task that asked. A task that
   * no longer waits may get one wake that it did not ask for. Throws nothing. There is nothing to
   * cancel: the registration of a task that has ended is dropped when the next task registers.
   *
   * @param cx the context of the poll
   * @return ready after the stop
   */
  public Poll<Complete> pollStopped(Context cx) {
    return source.pollStopped(cx);
  }

  /**
   * {@link #pollStopped} as an operation, for a select, say.
   *
   * <p>Ready, Pending and who wakes: as there. {@code cancel()} has nothing to release. Throws
   * nothing.
   *
   * @return a new one-shot operation
   */
  public Pollable<Complete> stopped() {
    return new Operation<>("stop request") {
      @Override
      protected Poll<Complete> doPoll(Context cx) {
        return pollStopped(cx);
      }
    };
  }

  /**
   * A pollable that is given up when the stop is requested.
   *
   * <p>Ready with the value of the inner one, which wins if the stop comes in the same poll.
   * Pending while neither is there; the inner one's source wakes, or the stop. Throws what the
   * inner one throws, or, on the stop, {@link CancellationException} naming it, after it was
   * cancelled; an inner one that is polled for the first time after the stop is cancelled without a
   * poll. {@code cancel()} cancels the inner one.
   *
   * @param <T> the type of the result
   * @param inner what to poll; the new operation owns it
   * @return a new one-shot operation
   */
  public <T extends @Nullable Object> Pollable<T> untilStopped(Pollable<T> inner) {
    return new UntilStopped<>(this, requireNonNull(inner, "inner"));
  }

  @Override
  public String toString() {
    return isStopped() ? "StopToken[stopped]" : "StopToken[not stopped]";
  }

  private static final class UntilStopped<T extends @Nullable Object> extends Operation<T> {
    private final StopToken token;
    private final Pollable<T> inner;
    private boolean begun;

    UntilStopped(StopToken token, Pollable<T> inner) {
      super(Misuse.describe(inner));
      this.token = token;
      this.inner = inner;
    }

    @Override
    protected Poll<T> doPoll(Context cx) throws Exception {
      if (begun || !token.isStopped()) {
        begun = true;
        Poll<T> poll = cx.pollChild(inner);
        if (poll.isReady() || token.pollStopped(cx).isPending()) {
          return poll;
        }
      }
      inner.cancel();
      throw new CancellationException(
          "'" + name() + "' in task '" + cx.taskName() + "' was told to stop");
    }

    @Override
    protected void doCancel() {
      inner.cancel();
    }
  }
}
