package dev.reveille.io;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@link TcpStream#write}. */
final class WriteOperation extends Operation<Complete> {
  private final TcpStream stream;
  private final ByteBuffer buffer;

  WriteOperation(TcpStream stream, ByteBuffer buffer) {
    super("write");
    this.stream = stream;
    this.buffer = requireNonNull(buffer, "buffer");
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws IOException {
    while (buffer.hasRemaining()) {
      if (stream.pollWritable(cx).isPending()) {
        return Poll.pending();
      }
      stream.tryWrite(buffer);
    }
    return Poll.ready();
  }
}
