package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#next}: does not own the stream. */
final class StreamNext<T> extends Operation<@Nullable T> {
  private final PollStream<T> stream;

  StreamNext(PollStream<T> stream) {
    super("next");
    this.stream = requireNonNull(stream, "stream");
  }

  @Override
  protected Poll<@Nullable T> doPoll(Context cx) throws Exception {
    return stream.pollNext(cx);
  }
}
