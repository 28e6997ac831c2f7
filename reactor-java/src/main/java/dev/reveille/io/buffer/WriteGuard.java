package dev.reveille.io.buffer;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds writes into buffers that were given back: while they are idle they are full of a pattern,
 * and who borrows next looks whether it is intact. A buffer cannot be taken from whoever still has
 * it, so that is as near as one comes. There is only such an object where leak reports are on; on
 * the loop.
 */
final class WriteGuard {
  private static final byte PATTERN = (byte) 0xa5;

  private final ByteBuffer pattern;

  /** Beside the stack of idle buffers: where each was acquired by who gave it back. */
  private final @Nullable Throwable[] acquiredAt;

  WriteGuard(BufferPoolOptions options) {
    byte[] bytes = new byte[options.bufferSize()];
    Arrays.fill(bytes, PATTERN);
    pattern = ByteBuffer.wrap(bytes);
    acquiredAt = new @Nullable Throwable[options.maximum()];
  }

  void close(int index, ByteBuffer buffer, @Nullable Throwable acquired) {
    buffer.clear().put(pattern.clear());
    acquiredAt[index] = acquired;
  }

  /** What to report, or null if all is well. */
  @Nullable Throwable open(int index, ByteBuffer buffer, String pool) {
    Throwable acquired = acquiredAt[index];
    acquiredAt[index] = null;
    if (buffer.clear().mismatch(pattern.clear()) < 0) {
      return null;
    }
    return new IllegalStateException(
        "a buffer of pool '"
            + pool
            + "' was written to after it was given back; the cause shows where it was acquired",
        acquired);
  }
}
