package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@link TcpStream#read}. */
final class ReadOperation extends Operation<Integer> {
  private final TcpStream stream;
  private final ByteBuffer buffer;

  ReadOperation(TcpStream stream, ByteBuffer buffer) {
    super("read");
    if (!buffer.hasRemaining()) {
      throw new IllegalArgumentException("read into a buffer without room: " + buffer);
    }
    this.stream = stream;
    this.buffer = buffer;
  }

  @Override
  protected Poll<Integer> doPoll(Context cx) throws IOException {
    while (stream.pollReadable(cx).isReady()) {
      int n = stream.tryRead(buffer);
      if (n != 0) {
        return Poll.ready(n);
      }
    }
    return Poll.pending();
  }
}
