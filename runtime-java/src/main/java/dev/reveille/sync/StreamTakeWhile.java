package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#takeWhile}. */
final class StreamTakeWhile<T> extends StreamOperator<T, T> {
  private final Predicate<? super T> predicate;

  StreamTakeWhile(PollStream<T> upstream, Predicate<? super T> predicate) {
    super("takeWhile", upstream);
    this.predicate = requireNonNull(predicate, "predicate");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Poll<@Nullable T> poll = pollUpstream(cx);
    if (poll.isPending()) {
      return poll;
    }
    T element = poll.value();
    return element == null || predicate.test(element) ? poll : end();
  }
}
