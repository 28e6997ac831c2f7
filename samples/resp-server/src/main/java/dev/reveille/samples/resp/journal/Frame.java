package dev.reveille.samples.resp.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * How a record lies in the file: its length and a checksum, four bytes each, then the record.
 *
 * <p>The checksum (CRC32C) covers the frame's position in the file and the length as well. So a run
 * of zeros is no frame, and neither is a piece of a journal that somebody stored as a value.
 */
final class Frame {
  static final int HEADER = 8;

  /** Longest record; with its header it still fits into an array. */
  static final int LONGEST = Integer.MAX_VALUE - 64;

  private static final byte[] MAGIC = "REVJRNL1".getBytes(StandardCharsets.US_ASCII);

  private Frame() {}

  /** What a journal's file begins with. */
  static ByteBuffer magic() {
    return ByteBuffer.wrap(MAGIC).asReadOnlyBuffer();
  }

  /** How many bytes a record of that length takes. */
  static long sizeOf(int length) {
    return HEADER + (long) length;
  }

  /** Writes the header for {@code record}, which will lie at {@code position}. */
  static void putHeader(ByteBuffer out, long position, ByteBuffer record) {
    out.putInt(record.remaining());
    out.putInt(checksum(position, record));
  }

  /** The checksum of {@code record}, whose own position is left alone. */
  static int checksum(long position, ByteBuffer record) {
    CRC32C crc = new CRC32C();
    ByteBuffer place = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    crc.update(place.putLong(position).putInt(record.remaining()).flip());
    crc.update(record.duplicate());
    return (int) crc.getValue();
  }
}
