package dev.reveille.io;

import java.nio.ByteBuffer;

/**
 * Buffers of the heap, which the JDK copies: into a direct buffer as large as all that is left of
 * them, at each call, and keeps that buffer for the thread. 64 MB that are offered to a peer who
 * reads slowly would be 64 MB of direct memory, and as many bytes copied for each few kilobytes
 * that get through.
 */
final class HeapBytes {
  /** As much as the JDK's own blocking sockets copy at once (sun.nio.ch.NioSocketImpl). */
  static final int AT_ONCE = 128 << 10;

  private HeapBytes() {}

  /**
   * Limits a large buffer of the heap to what is copied at once.
   *
   * @return the limit to put back after the call
   */
  static int curb(ByteBuffer buffer) {
    int limit = buffer.limit();
    if (limit - buffer.position() > AT_ONCE && !buffer.isDirect()) {
      buffer.limit(buffer.position() + AT_ONCE);
    }
    return limit;
  }

  /** Whether the buffers of the heap among these are to be taken one after the other. */
  static boolean areTooMany(ByteBuffer[] buffers, int offset, int length) {
    long sum = 0;
    for (int i = offset; i < offset + length; i++) {
      if (!buffers[i].isDirect()) {
        sum += buffers[i].remaining();
      }
    }
    return sum > AT_ONCE;
  }
}
