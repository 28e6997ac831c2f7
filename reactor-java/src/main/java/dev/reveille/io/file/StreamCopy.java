package dev.reveille.io.file;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.io.ByteSink;
import dev.reveille.io.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * From a source to a sink: one buffer is filled while the other is drained; when the latter is
 * empty, they change places, however little the former holds.
 */
final class StreamCopy extends Copy {
  private final ByteSource from;
  private final ByteSink to;
  private boolean ended;

  /** Both null before the first poll. What is before the position has been read. */
  private @Nullable ByteBuffer filling;

  /** What is between position and limit is to be written. */
  private @Nullable ByteBuffer draining;

  StreamCopy(ByteSource from, ByteSink to) {
    super("copy");
    this.from = from;
    this.to = to;
  }

  @Override
  protected Poll<Long> doPoll(Context cx) throws IOException {
    begin();
    ByteBuffer in = filling;
    ByteBuffer out = draining;
    if (in == null || out == null) {
      in = buffer(0, Long.MAX_VALUE).clear();
      out = buffer(1, Long.MAX_VALUE).clear().limit(0);
    }
    try {
      boolean moved;
      do {
        moved = false;
        if (!out.hasRemaining() && in.position() > 0) {
          ByteBuffer drained = out.clear();
          out = in.flip();
          in = drained;
        }
        if (out.hasRemaining() && to.pollWritable(cx).isReady()) {
          advance(to.tryWrite(out));
          moved = true;
        }
        if (!ended && in.hasRemaining() && from.pollReadable(cx).isReady()) {
          ended = from.tryRead(in) < 0;
          moved = true;
        }
      } while (moved);
    } finally {
      filling = in;
      draining = out;
    }
    if (ended && in.position() == 0 && !out.hasRemaining() && to.pollFlush(cx).isReady()) {
      return Poll.ready(end());
    }
    return Poll.pending();
  }
}
