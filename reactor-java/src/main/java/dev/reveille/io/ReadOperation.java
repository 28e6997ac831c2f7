package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@link ByteSource#read}. */
final class ReadOperation extends Operation<Integer> {
  private final ByteSource source;
  private final ByteBuffer buffer;

  ReadOperation(ByteSource source, ByteBuffer buffer) {
    super("read");
    if (!buffer.hasRemaining()) {
      throw new IllegalArgumentException("read into a buffer without room: " + buffer);
    }
    this.source = source;
    this.buffer = buffer;
  }

  @Override
  protected Poll<Integer> doPoll(Context cx) throws IOException {
    while (source.pollReadable(cx).isReady()) {
      int n = source.tryRead(buffer);
      if (n != 0) {
        return Poll.ready(n);
      }
    }
    return Poll.pending();
  }
}
