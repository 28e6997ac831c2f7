package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#merge}. */
final class StreamMerge<T> extends AbstractPollStream<T> {
  private final Rotation<T> streams = new Rotation<>();

  StreamMerge(List<? extends PollStream<? extends T>> streams) {
    super("merge");
    for (PollStream<? extends T> stream : List.copyOf(streams)) {
      this.streams.add(stream);
    }
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    return streams.poll(cx);
  }

  @Override
  protected void release() {
    streams.cancelAll();
  }
}
