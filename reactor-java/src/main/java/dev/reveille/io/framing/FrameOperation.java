package dev.reveille.io.framing;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** {@link FrameReader#frame}. */
final class FrameOperation extends Operation<@Nullable ByteBuffer> {
  private final FrameReader reader;
  private boolean polled;

  FrameOperation(FrameReader reader) {
    super("frame");
    this.reader = reader;
  }

  @Override
  protected Poll<@Nullable ByteBuffer> doPoll(Context cx) throws IOException {
    polled = true;
    Poll<@Nullable ByteBuffer> poll = reader.pollFrame(cx);
    ByteBuffer frame = poll.isReady() ? poll.value() : null;
    return frame == null ? poll : Polls.ready(copy(frame));
  }

  static ByteBuffer copy(ByteBuffer frame) {
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return ByteBuffer.wrap(bytes);
  }

  @Override
  protected void doCancel() {
    if (polled) { // else a frame that the caller got in another way is still valid
      reader.abandon();
    }
  }
}
