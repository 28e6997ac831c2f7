package dev.reveille.io.framing;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.sync.AbstractPollStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** {@link FrameReader#frames}. */
final class FrameStream extends AbstractPollStream<ByteBuffer> {
  private final FrameReader reader;

  FrameStream(FrameReader reader) {
    super("frames");
    this.reader = reader;
  }

  @Override
  @SuppressWarnings("NullAway") // see Polls
  protected Poll<@Nullable ByteBuffer> doPollNext(Context cx) throws IOException {
    Poll<@Nullable ByteBuffer> poll = reader.pollFrame(cx);
    ByteBuffer frame = poll.isReady() ? poll.value() : null;
    return frame == null ? poll : element(FrameOperation.copy(frame));
  }

  @Override
  protected void release() {
    reader.close();
  }
}
