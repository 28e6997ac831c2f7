package dev.reveille.io.framing;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * {@link Framing#delimited}: the search of Knuth, Morris and Pratt (1977), which needs each byte
 * once and no byte before it. So a delimiter that is cut anywhere by the network is found, a peer
 * who sends one false start after the other costs no more than one who does not, and what was
 * searched can be thrown away where a frame is too long.
 */
final class DelimiterFraming extends Framing {
  private final byte[] delimiter;

  /**
   * For each number of matched bytes: the length of the longest shorter beginning of the delimiter
   * that they end in, which is what still matches when the next byte does not.
   */
  private final int[] border;

  DelimiterFraming(int maxLength, byte[] delimiter) {
    super(maxLength);
    if (delimiter.length == 0) {
      throw new IllegalArgumentException("a delimiter needs at least one byte");
    }
    this.delimiter = delimiter.clone();
    this.border = new int[delimiter.length + 1];
    for (int i = 1; i < delimiter.length; i++) {
      border[i + 1] = next(border[i], this.delimiter[i]);
    }
  }

  /** How many bytes match after one more. Not for a complete match. */
  private int next(int matched, byte b) {
    int k = matched;
    while (k > 0 && delimiter[k] != b) {
      k = border[k];
    }
    return delimiter[k] == b ? k + 1 : 0;
  }

  @Override
  int overhead() {
    return delimiter.length;
  }

  @Override
  void find(ByteBuffer in, int start, int end, Scan scan) {
    int k = scan.matched;
    int i = start + scan.scanned;
    while (i < end && k < delimiter.length) {
      if (k == 0) {
        i = Bytes.indexOf(in, i, end, delimiter[0]);
        if (i < 0) {
          i = end;
          break;
        }
      }
      k = next(k, in.get(i++));
    }
    scan.scanned = i - start;
    scan.matched = k;
    scan.length = (long) scan.scanned - k; // the rest may be the delimiter's beginning
    scan.total = k == delimiter.length ? scan.scanned : Scan.UNKNOWN;
  }

  /** Also where it would appear between the payload's end and the delimiter itself. */
  @Override
  void checkContent(ByteBuffer payload) {
    int k = 0;
    for (int i = payload.position(); i < payload.limit() && k < delimiter.length; i++) {
      k = next(k, payload.get(i));
    }
    for (int i = 0; i < delimiter.length - 1 && k < delimiter.length; i++) {
      k = next(k, delimiter[i]);
    }
    if (k == delimiter.length) {
      throw new IllegalArgumentException(
          "what contains the delimiter, or together with it another one, would not be read as one"
              + " frame");
    }
  }

  @Override
  ByteBuffer trailer() {
    return ByteBuffer.wrap(delimiter).asReadOnlyBuffer();
  }

  @Override
  public String toString() {
    return "delimited(" + maxLength + ", 0x" + HexFormat.of().formatHex(delimiter) + ")";
  }
}
