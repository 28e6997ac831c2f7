package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#concat}. */
final class StreamConcat<T> extends AbstractPollStream<T> {
  private final ArrayDeque<Upstream<T>> streams = new ArrayDeque<>();

  StreamConcat(List<? extends PollStream<? extends T>> streams) {
    super("concat");
    for (PollStream<? extends T> stream : List.copyOf(streams)) {
      this.streams.add(new Upstream<>(stream));
    }
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    for (Upstream<T> first = streams.peek(); first != null; first = streams.peek()) {
      Poll<@Nullable T> poll = first.poll(cx);
      if (poll.isPending() || poll.value() != null) {
        return poll;
      }
      streams.remove();
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
    }
    return end();
  }

  @Override
  protected void release() {
    CancelAll.of(streams);
  }
}
