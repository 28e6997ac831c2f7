package dev.reveille.io.framing;

import java.nio.ByteBuffer;

/** {@link Framing#lines}. */
final class LineFraming extends Framing {
  private static final byte CR = '\r';
  private static final byte LF = '\n';

  private final boolean lastMayBeOpen;

  LineFraming(int maxLength, boolean lastMayBeOpen) {
    super(maxLength);
    this.lastMayBeOpen = lastMayBeOpen;
  }

  @Override
  int overhead() {
    return 2;
  }

  @Override
  void find(ByteBuffer in, int start, int end, Scan scan) {
    int at = Bytes.indexOf(in, start + scan.scanned, end, LF);
    int stop = at < 0 ? end : at;
    scan.scanned = stop - start;
    // A \r at the end may become a part of the line's end: it is not counted before that is known.
    scan.length = (long) scan.scanned - (stop > start && in.get(stop - 1) == CR ? 1 : 0);
    scan.total = at < 0 ? Scan.UNKNOWN : scan.scanned + 1L;
  }

  @Override
  boolean endsWithTheStream() {
    return lastMayBeOpen;
  }

  @Override
  boolean isOfLines() {
    return true;
  }

  @Override
  void checkContent(ByteBuffer payload) {
    int from = payload.position();
    int to = payload.limit();
    if (Bytes.indexOf(payload, from, to, LF) >= 0 || (to > from && payload.get(to - 1) == CR)) {
      throw new IllegalArgumentException(
          "what contains \\n, or ends in \\r, would not be read as one line");
    }
  }

  @Override
  ByteBuffer trailer() {
    return ByteBuffer.wrap(new byte[] {LF});
  }

  @Override
  public String toString() {
    return (lastMayBeOpen ? "lines(" : "terminatedLines(") + maxLength + ")";
  }
}
