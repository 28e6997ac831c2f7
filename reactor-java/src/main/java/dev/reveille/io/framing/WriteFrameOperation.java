package dev.reveille.io.framing;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@link FrameWriter#write}. */
final class WriteFrameOperation extends Operation<Complete> {
  private final FrameWriter writer;
  private final ByteBuffer payload;
  private final int length;
  private boolean polled;
  private boolean written;

  WriteFrameOperation(FrameWriter writer, ByteBuffer payload) {
    super("write of a frame");
    this.writer = writer;
    this.payload = payload;
    this.length = payload.remaining();
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws IOException {
    polled = true;
    if (!written) {
      if (writer.pollWrite(cx, payload).isPending()) {
        return Poll.pending();
      }
      written = true;
    }
    return writer.pollFlush(cx);
  }

  @Override
  protected void doCancel() {
    if (polled) {
      writer.abandon(payload, length);
    }
  }
}
