package dev.reveille.samples.resp.protocol;

import java.nio.ByteBuffer;

/** Numbers and bytes as RESP and people read them, written without garbage. */
final class Ascii {
  /** Sign and 19 digits. */
  static final int MAX_LONG_LENGTH = 20;

  private Ascii() {}

  /** How many characters {@link #put(ByteBuffer, long)} writes. */
  static int lengthOf(long number) {
    int length = number < 0 ? 2 : 1;
    for (long rest = number / 10; rest != 0; rest /= 10) {
      length++;
    }
    return length;
  }

  static void put(ByteBuffer out, long number) {
    int start = out.position();
    int length = lengthOf(number);
    // Digits are taken from the negative side, where Long.MIN_VALUE has its place.
    long rest = number < 0 ? number : -number;
    for (int i = start + length - 1; i >= start; i--) {
      out.put(i, (byte) ('0' - rest % 10));
      rest /= 10;
    }
    if (number < 0) {
      out.put(start, (byte) '-');
    }
    out.position(start + length);
  }

  /** Writes a RESP line: a type byte, a number, CR LF. */
  static void putLine(ByteBuffer out, char type, long number) {
    out.put((byte) type);
    put(out, number);
    out.put((byte) '\r').put((byte) '\n');
  }

  /** The bytes in double quotes, with the escapes that an inline command understands. */
  static String quote(byte[] bytes) {
    StringBuilder out = new StringBuilder("\"");
    for (byte b : bytes) {
      switch (b) {
        case '\\', '"' -> out.append('\\').append((char) b);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (b >= ' ' && b < 0x7f) {
            out.append((char) b);
          } else {
            out.append(String.format("\\x%02x", b & 0xff));
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
