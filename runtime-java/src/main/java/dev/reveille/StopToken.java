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
   * cancel: the registration is dropped some time after the end of the task. Who polls with one
   * {@linkplain Context#withWaker waker} after the other in one long task uses {@link #stopped},
   * which can be given up.
   *
   * @param cx the context of the poll
   * @return ready after the stop
   */
  public Poll<Complete> pollStopped(Context cx) {
    return source.pollStopped(cx, null);
  }

  /**
   * {@link #pollStopped} as an operation, for a select, say.
   *
   * <p>Ready, Pending and who wakes: as there. {@code cancel()} takes it off the token. Throws
   * nothing.
   *
   * @return a new one-shot operation
   */
  public Pollable<Complete> stopped() {
    return new Stopped(source);
  }

  /**
   * A pollable that is given up when the stop is requested.
   *
   * <p>Ready with the value of the inner one, which wins if the stop comes in the same poll.
   * Pending while neither is there; the inner one's source wakes, or the stop. Throws what the
   * inner one throws, or, on the stop, {@link CancellationException} naming it, after it was
   * cancelled; an inner one that is polled for the first time after the stop is cancelled without a
   * poll, and one whose poll ran out of budget is polled once more. {@code cancel()} cancels the
   * inner one.
   *
   * <pre>{@code
   * Pollable<String> command = shutdown.token().untilStopped(commands);
   * }</pre>
   *
   * @param <T> the type of the result
   * @param inner what to poll; the new operation owns it
   * @return a new one-shot operation
   */
  public <T extends @Nullable Object> Pollable<T> untilStopped(Pollable<T> inner) {
    return new UntilStopped<>(source, requireNonNull(inner, "inner"));
  }

  @Override
  public String toString() {
    return isStopped() ? "StopToken[stopped]" : "StopToken[not stopped]";
  }

  private static final class Stopped extends Operation<Complete> {
    private final StopSource source;
    private final Relay relay = new Relay();

    Stopped(StopSource source) {
      super("stop request");
      this.source = source;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      return source.pollStopped(cx, relay);
    }

    @Override
    protected void doCancel() {
      source.forget(relay);
    }
  }

  private static final class UntilStopped<T extends @Nullable Object> extends Operation<T> {
    private final StopSource source;
    private final Pollable<T> inner;
    private final Relay relay = new Relay();
    private boolean begun;

    UntilStopped(StopSource source, Pollable<T> inner) {
      super(Names.of(inner));
      this.source = source;
      this.inner = inner;
    }

    @Override
    protected Poll<T> doPoll(Context cx) throws Exception {
      try {
        if (!begun && source.isStopped()) {
          throw stopped(cx);
        }
        begun = true;
        Poll<T> poll = cx.pollChild(inner);
        if (poll.isReady()) {
          source.forget(relay);
          return poll;
        }
        if (source.pollStopped(cx, relay).isReady()) {
          if (!cx.isBudgetSpent()) {
            throw stopped(cx);
          }
          cx.waker("stop request").wake(); // the value may be there, and would win
        }
        return poll;
      } catch (Throwable t) {
        source.forget(relay);
        cancelInner(t);
        throw t;
      }
    }

    private CancellationException stopped(Context cx) {
      return new CancellationException(
          "'" + name() + "' in task '" + cx.taskName() + "' was told to stop");
    }

    /** Also after a failure of its own: one that breaks the rules of polling has not ended. */
    private void cancelInner(Throwable reason) {
      try {
        inner.cancel();
      } catch (Throwable second) {
        if (second != reason) {
          reason.addSuppressed(second);
        }
      }
    }

    @Override
    protected void doCancel() {
      source.forget(relay);
      inner.cancel();
    }
  }
}
