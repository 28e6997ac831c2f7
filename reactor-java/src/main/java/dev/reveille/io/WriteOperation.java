package dev.reveille.io;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@link ByteSink#write}. */
final class WriteOperation extends Operation<Complete> {
  private final ByteSink sink;
  private final ByteBuffer buffer;

  WriteOperation(ByteSink sink, ByteBuffer buffer) {
    super("write");
    this.sink = sink;
    this.buffer = requireNonNull(buffer, "buffer");
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws IOException {
    while (buffer.hasRemaining()) {
      if (sink.pollWritable(cx).isPending()) {
        return Poll.pending();
      }
      sink.tryWrite(buffer);
    }
    return sink.pollFlush(cx);
  }
}
