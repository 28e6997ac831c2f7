package dev.reveille.io.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Searches for a byte, eight at a time. */
final class Bytes {
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGHS = 0x8080_8080_8080_8080L;

  private Bytes() {}

  /** The first index of a byte in a range below the buffer's limit, or -1. */
  static int indexOf(ByteBuffer in, int from, int to, byte wanted) {
    long pattern = (wanted & 0xffL) * ONES;
    boolean swap = in.order() == ByteOrder.BIG_ENDIAN;
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      long word = in.getLong(i);
      long x = (swap ? Long.reverseBytes(word) : word) ^ pattern;
      // The lowest bit that is set is that of the first zero byte of x; see "Determine if a word
      // has a zero byte" in Anderson's Bit Twiddling Hacks.
      long zeros = (x - ONES) & ~x & HIGHS;
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (in.get(i) == wanted) {
        return i;
      }
    }
    return -1;
  }
}
