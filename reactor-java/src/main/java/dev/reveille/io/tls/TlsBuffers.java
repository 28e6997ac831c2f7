package dev.reveille.io.tls;

import dev.reveille.Dispatcher;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The buffers of all TLS streams of one dispatcher. A stream takes one when bytes arrive or leave
 * and gives it back when it is empty, mostly in the same poll. So a few buffers serve thousands of
 * streams, an idle one holds none, and a busy one makes no garbage.
 *
 * <p>Heap buffers: the JDK's ciphers work on arrays, and copy what is not in one.
 *
 * <p>On the loop only.
 */
final class TlsBuffers {
  /**
   * Two of the largest records with their headers, and one of those over-long records that some
   * peers send: RFC 8446 5.2 allows 16 KB of content and 256 bytes, the JDK a packet of 33,093.
   */
  static final int SIZE = 33 * 1024;

  /** What is kept when it is not in use: 528 KB. What streams hold in a burst is garbage after. */
  private static final int KEPT = 16;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

  static TlsBuffers of(Dispatcher dispatcher) {
    return dispatcher.service(TlsBuffers.class, d -> new TlsBuffers());
  }

  /** An empty buffer with all its room, of at least this capacity. */
  ByteBuffer take(int capacity) {
    if (capacity > SIZE) {
      return ByteBuffer.allocate(capacity);
    }
    ByteBuffer buffer = free.pollLast();
    return buffer == null ? ByteBuffer.allocate(SIZE) : buffer;
  }

  /** Takes a buffer back; one of another size is left to the collector. */
  void give(ByteBuffer buffer) {
    if (buffer.capacity() == SIZE && free.size() < KEPT) {
      free.addLast(buffer.clear());
    }
  }
}
