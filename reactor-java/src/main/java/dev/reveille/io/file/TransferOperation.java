package dev.reveille.io.file;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * {@link AsyncFile#readFully} and {@link AsyncFile#write}: a buffer to its end, one call after the
 * other. The loop begins the next one, not the handler: so a channel that calls back at once does
 * not nest, and nothing begins after a cancel.
 */
final class TransferOperation extends Operation<Complete> {
  private final AsyncFile file;
  private final boolean reading;
  private final ByteBuffer buffer;
  private long position;
  private @Nullable Pollable<Integer> part;

  private TransferOperation(
      String name, AsyncFile file, boolean reading, ByteBuffer buffer, long position) {
    super(name);
    this.file = file;
    this.reading = reading;
    this.buffer = buffer;
    this.position = position;
  }

  static TransferOperation read(AsyncFile file, ByteBuffer buffer, long position) {
    return new TransferOperation("full read of a file", file, true, buffer, position);
  }

  static TransferOperation write(AsyncFile file, ByteBuffer buffer, long position) {
    return new TransferOperation("full write of a file", file, false, buffer, position);
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    for (; ; ) {
      Pollable<Integer> p = part;
      if (p == null) {
        if (!buffer.hasRemaining()) {
          return Poll.ready();
        }
        p = reading ? file.read(buffer, position) : file.writeSome(buffer, position);
        part = p;
      }
      Poll<Integer> count = p.poll(cx);
      if (count.isPending()) {
        return Poll.pending();
      }
      part = null;
      int n = count.value();
      if (n <= 0) {
        throw stuck(n);
      }
      position += n;
    }
  }

  /** The channel has moved nothing, and would do so for ever. */
  private IOException stuck(int count) {
    String left = buffer.remaining() + " bytes";
    if (!reading) {
      return new IOException("the channel wrote none of " + left + " at " + position);
    }
    return count < 0
        ? new EOFException("the file ends at " + position + ", " + left + " early")
        : new IOException("the channel read none of " + left + " at " + position);
  }

  @Override
  protected void doCancel() {
    if (part != null) {
      part.cancel();
    }
  }
}
