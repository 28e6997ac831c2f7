package dev.reveille.io.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Frames with their length in front of them. Immutable: each {@code with} returns a copy.
 *
 * <p>The messages of PostgreSQL: a byte for the type, four for the length, which counts itself but
 * not the type; and those of protocol buffers, which have a varint in front:
 *
 * <pre>{@code
 * Framing postgres = Framing.lengthPrefixed(1 << 20).withIncludingItself().withBytesBefore(1);
 * Framing protobuf = Framing.lengthPrefixed(1 << 20).withVarint();
 * }</pre>
 *
 * <p>Lengths of one to four bytes are unsigned; one of eight bytes is signed, as is everything in
 * Java, and refused with {@link MalformedFrameException} if it is negative.
 *
 * <p><b>Threading.</b> Any thread.
 */
public final class LengthPrefix extends Framing {
  private static final int VARINT = 0;

  /** Nine times seven bits: all lengths that a long can hold. */
  private static final int LONGEST_VARINT = 9;

  private final int bytes;
  private final ByteOrder order;
  private final boolean countsItself;
  private final int adjustment;
  private final int before;

  private LengthPrefix(
      int maxLength, int bytes, ByteOrder order, boolean countsItself, int adjustment, int before) {
    super(maxLength);
    this.bytes = bytes;
    this.order = order;
    this.countsItself = countsItself;
    this.adjustment = adjustment;
    this.before = before;
  }

  static LengthPrefix ofFourBytes(int maxLength) {
    return new LengthPrefix(maxLength, 4, ByteOrder.BIG_ENDIAN, false, 0, 0);
  }

  /**
   * A copy with a length of so many bytes.
   *
   * @param value 1, 2, 3, 4 or 8
   * @return the copy
   * @throws IllegalArgumentException if it is another number
   */
  public LengthPrefix withBytes(int value) {
    if ((value < 1 || value > 4) && value != 8) {
      throw new IllegalArgumentException("a length has 1, 2, 3, 4 or 8 bytes, not " + value);
    }
    return new LengthPrefix(maxLength, value, order, countsItself, adjustment, before);
  }

  /**
   * A copy with a length of one to nine bytes, seven bits in each, the lowest first, and the
   * highest bit set in all but the last: the varint of protocol buffers.
   *
   * @return the copy
   * @throws IllegalStateException if the length counts itself
   */
  public LengthPrefix withVarint() {
    if (countsItself) {
      throw new IllegalStateException("a varint does not count itself");
    }
    return new LengthPrefix(maxLength, VARINT, order, false, adjustment, before);
  }

  /**
   * A copy whose length has the lowest byte first.
   *
   * @return the copy
   */
  public LengthPrefix withLittleEndian() {
    return new LengthPrefix(
        maxLength, bytes, ByteOrder.LITTLE_ENDIAN, countsItself, adjustment, before);
  }

  /**
   * A copy whose length counts its own bytes too.
   *
   * @return the copy
   * @throws IllegalStateException if it is a varint
   */
  public LengthPrefix withIncludingItself() {
    if (bytes == VARINT) {
      throw new IllegalStateException("a varint does not count itself");
    }
    return new LengthPrefix(maxLength, bytes, order, true, adjustment, before);
  }

  /**
   * A copy in which so many bytes more follow than the length says: those of a header that it does
   * not count.
   *
   * @param value what to add to each length that is read; negative if it counts too much
   * @return the copy
   */
  public LengthPrefix withAdjustment(int value) {
    return new LengthPrefix(maxLength, bytes, order, countsItself, value, before);
  }

  /**
   * A copy in which the length comes after so many other bytes, which it does not count. Such
   * frames are given whole, from the first byte on, the length included, and are written so: the
   * limit is one for all of it.
   *
   * @param value how many, zero or more
   * @return the copy
   * @throws IllegalArgumentException if it is negative or above 255
   */
  public LengthPrefix withBytesBefore(int value) {
    if (value < 0 || value > 255) {
      throw new IllegalArgumentException("bytes before the length: 0 to 255, not " + value);
    }
    return new LengthPrefix(maxLength, bytes, order, countsItself, adjustment, value);
  }

  private boolean isGivenWhole() {
    return before > 0;
  }

  @Override
  int overhead() {
    return isGivenWhole() ? 0 : bytes == VARINT ? LONGEST_VARINT : bytes;
  }

  // ------------------------------------------------------------------ reading

  @Override
  void find(ByteBuffer in, int start, int end, Scan scan) throws MalformedFrameException {
    int at = start + before;
    int fieldBytes = bytes == VARINT ? varintBytes(in, at, end) : bytes;
    if (fieldBytes == 0 || end - at < fieldBytes) {
      scan.length = 0; // nothing is known
      scan.total = Scan.UNKNOWN;
      return;
    }
    long value = bytes == VARINT ? varint(in, at, fieldBytes) : fixed(in, at);
    long besides = (long) adjustment - (countsItself ? bytes : 0);
    long payload = value + besides;
    int header = before + fieldBytes;
    if (value < 0) {
      throw new MalformedFrameException("a frame of negative length: " + value);
    }
    if (payload < 0 && besides < 0) {
      throw new MalformedFrameException(
          "a length of " + value + " counts " + -besides + " bytes too many");
    }
    if (payload < 0 || payload > Long.MAX_VALUE - header) {
      throw new MalformedFrameException("a length of " + value + " overflows");
    }
    scan.total = header + payload;
    scan.offset = isGivenWhole() ? 0 : header;
    scan.length = isGivenWhole() ? scan.total : payload;
  }

  /** How many bytes the varint has, or 0 if its last one is not there yet. */
  private static int varintBytes(ByteBuffer in, int at, int end) throws MalformedFrameException {
    int n = 0;
    while (n < LONGEST_VARINT && at + n < end) {
      if (in.get(at + n++) >= 0) {
        return n;
      }
    }
    if (n == LONGEST_VARINT) {
      throw new MalformedFrameException("a varint of more than " + LONGEST_VARINT + " bytes");
    }
    return 0;
  }

  private static long varint(ByteBuffer in, int at, int n) {
    long value = 0;
    for (int i = 0; i < n; i++) {
      value |= (in.get(at + i) & 0x7fL) << (7 * i);
    }
    return value;
  }

  private long fixed(ByteBuffer in, int at) {
    boolean big = order == ByteOrder.BIG_ENDIAN;
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | (in.get(big ? at + i : at + bytes - 1 - i) & 0xffL);
    }
    return value;
  }

  // ------------------------------------------------------------------ writing

  @Override
  void checkContent(ByteBuffer payload) {
    int length = payload.remaining();
    if (!isGivenWhole()) {
      long value = valueFor(length);
      if (value < 0 || (bytes != VARINT && bytes < 8 && value >>> (8 * bytes) != 0)) {
        throw new IllegalArgumentException(
            "a frame of " + length + " bytes: its length does not fit into the prefix");
      }
      return;
    }
    Scan scan = new Scan();
    try {
      find(payload, payload.position(), payload.limit(), scan);
    } catch (MalformedFrameException e) {
      throw new IllegalArgumentException("what is to be written whole is no frame", e);
    }
    if (scan.total != length) {
      throw new IllegalArgumentException(
          "a frame to be written whole has " + length + " bytes, but not the length to say so");
    }
  }

  private long valueFor(int payloadLength) {
    return (long) payloadLength - adjustment + (countsItself ? bytes : 0);
  }

  @Override
  int headerLength(int payloadLength) {
    if (isGivenWhole()) {
      return 0;
    }
    if (bytes != VARINT) {
      return bytes;
    }
    int bits = Long.SIZE - Long.numberOfLeadingZeros(valueFor(payloadLength) | 1);
    return (bits + 6) / 7;
  }

  @Override
  void putHeader(ByteBuffer out, int payloadLength) {
    if (isGivenWhole()) {
      return;
    }
    long value = valueFor(payloadLength);
    if (bytes == VARINT) {
      for (; value > 0x7f; value >>>= 7) {
        out.put((byte) (value | 0x80));
      }
      out.put((byte) value);
      return;
    }
    boolean big = order == ByteOrder.BIG_ENDIAN;
    for (int i = 0; i < bytes; i++) {
      out.put((byte) (value >>> (8 * (big ? bytes - 1 - i : i))));
    }
  }

  @Override
  ByteBuffer trailer() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public String toString() {
    return "lengthPrefixed("
        + maxLength
        + ", "
        + (bytes == VARINT ? "varint" : bytes + " bytes " + order)
        + (countsItself ? ", including itself" : "")
        + (adjustment != 0 ? ", adjustment " + adjustment : "")
        + (before > 0 ? ", after " + before + " bytes" : "")
        + ")";
  }
}
