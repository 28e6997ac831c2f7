package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#scan}. */
final class StreamScan<S, T> extends StreamOperator<S, T> {
  private final BiFunction<? super T, ? super S, ? extends T> function;
  private T accumulated;
  private boolean begun;

  StreamScan(
      PollStream<S> upstream, T initial, BiFunction<? super T, ? super S, ? extends T> function) {
    super("scan", upstream);
    this.accumulated = requireNonNull(initial, "initial");
    this.function = requireNonNull(function, "function");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    if (!begun) {
      begun = true;
      return element(accumulated);
    }
    Poll<@Nullable S> poll = pollUpstream(cx);
    if (poll.isPending()) {
      return Poll.pending();
    }
    S element = poll.value();
    if (element == null) {
      return end();
    }
    accumulated = notNull("scan", function.apply(accumulated, element));
    return element(accumulated);
  }
}
