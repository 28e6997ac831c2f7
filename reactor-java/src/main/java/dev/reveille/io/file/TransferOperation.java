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
 * Reads or writes a buffer to its end, one call after the other. The loop begins the next one, not
 * the handler: so a channel that calls back at once does not nest, and nothing begins after a
 * cancel.
 */
abstract class TransferOperation extends Operation<Complete> {
  private final ByteBuffer buffer;
  private long position;
  private @Nullable Pollable<Integer> part;

  TransferOperation(String name, ByteBuffer buffer, long position) {
    super(name);
    this.buffer = buffer;
    this.position = position;
  }

  abstract Pollable<Integer> begin(ByteBuffer buffer, long position);

  abstract IOException stuck(ByteBuffer buffer, long position, int count);

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    for (; ; ) {
      Pollable<Integer> p = part;
      if (p == null) {
        if (!buffer.hasRemaining()) {
          return Poll.ready();
        }
        p = begin(buffer, position);
        part = p;
      }
      Poll<Integer> count = p.poll(cx);
      if (count.isPending()) {
        return Poll.pending();
      }
      part = null;
      int n = count.value();
      if (n <= 0) {
        throw stuck(buffer, position, n);
      }
      position += n;
    }
  }

  @Override
  protected void doCancel() {
    if (part != null) {
      part.cancel();
    }
  }

  /** {@link AsyncFile#readFully}. */
  static final class Read extends TransferOperation {
    private final AsyncFile file;

    Read(AsyncFile file, ByteBuffer buffer, long position) {
      super("read of a file", buffer, position);
      this.file = file;
    }

    @Override
    Pollable<Integer> begin(ByteBuffer buffer, long position) {
      return file.read(buffer, position);
    }

    @Override
    IOException stuck(ByteBuffer buffer, long position, int count) {
      return count < 0
          ? new EOFException(
              "the file ends at " + position + ", " + buffer.remaining() + " bytes early")
          : new IOException("the channel read nothing at " + position);
    }
  }

  /** {@link AsyncFile#write}. */
  static final class Write extends TransferOperation {
    private final AsyncFile file;

    Write(AsyncFile file, ByteBuffer buffer, long position) {
      super("write of a file", buffer, position);
      this.file = file;
    }

    @Override
    Pollable<Integer> begin(ByteBuffer buffer, long position) {
      return file.writeSome(buffer, position);
    }

    @Override
    IOException stuck(ByteBuffer buffer, long position, int count) {
      return new IOException(
          "the channel wrote none of " + buffer.remaining() + " bytes at " + position);
    }
  }
}
