package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#unfold}. */
final class StreamUnfold<S, T> extends AbstractPollStream<T> {
  private final Function<? super S, ? extends Pollable<PollStream.@Nullable Step<S, T>>> function;
  private S state;

  /** The operation that brings the next step, or null between two. */
  private @Nullable Pollable<PollStream.@Nullable Step<S, T>> step;

  StreamUnfold(
      S initial,
      Function<? super S, ? extends Pollable<PollStream.@Nullable Step<S, T>>> function) {
    super("unfold");
    this.state = requireNonNull(initial, "initial");
    this.function = requireNonNull(function, "function");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Pollable<PollStream.@Nullable Step<S, T>> s = step;
    if (s == null) {
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
      s = StreamOperator.notNull("unfold", function.apply(state));
      step = s;
    }
    Poll<PollStream.@Nullable Step<S, T>> poll;
    try {
      poll = s.poll(cx);
    } catch (Throwable t) {
      step = null; // it has ended by that
      throw t;
    }
    if (poll.isPending()) {
      return Poll.pending();
    }
    step = null;
    PollStream.Step<S, T> next = poll.value();
    if (next == null) {
      return end();
    }
    state = next.state();
    return element(next.element());
  }

  @Override
  protected void release() {
    if (step != null) {
      step.cancel();
    }
  }
}
