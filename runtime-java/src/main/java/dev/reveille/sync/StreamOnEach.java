package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#onEach}. */
final class StreamOnEach<T> extends StreamOperator<T, T> {
  private final Consumer<? super T> action;

  StreamOnEach(PollStream<T> upstream, Consumer<? super T> action) {
    super("onEach", upstream);
    this.action = requireNonNull(action, "action");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Poll<@Nullable T> poll = pollUpstream(cx);
    if (poll.isReady()) {
      T element = poll.value();
      if (element != null) {
        action.accept(element);
      }
    }
    return poll;
  }
}
