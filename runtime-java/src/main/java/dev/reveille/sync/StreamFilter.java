package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#filter}. */
final class StreamFilter<T> extends StreamOperator<T, T> {
  private final Predicate<? super T> predicate;

  StreamFilter(PollStream<T> upstream, Predicate<? super T> predicate) {
    super("filter", upstream);
    this.predicate = requireNonNull(predicate, "predicate");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    for (; ; ) {
      Poll<@Nullable T> poll = pollUpstream(cx);
      if (poll.isPending()) {
        return poll;
      }
      T element = poll.value();
      if (element == null || predicate.test(element)) {
        return poll;
      }
      if (!cx.tryProceed()) { // what was filtered out counts as well
        return Poll.pending();
      }
    }
  }
}
