package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#map}. */
final class StreamMap<S, T> extends StreamOperator<S, T> {
  private final Function<? super S, ? extends T> function;

  StreamMap(PollStream<S> upstream, Function<? super S, ? extends T> function) {
    super("map", upstream);
    this.function = requireNonNull(function, "function");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Poll<@Nullable S> poll = pollUpstream(cx);
    if (poll.isPending()) {
      return Poll.pending();
    }
    S element = poll.value();
    return element == null ? end() : element(notNull("map", function.apply(element)));
  }
}
