package dev.reveille.io.framing;

/**
 * How far the search for the end of one frame has come, and what it found: written by a {@link
 * Framing}, kept by the reader from call to call, so that no byte is looked at twice. Positions are
 * counted from the first byte of the frame.
 */
final class Scan {
  /** The value of {@link #total} as long as the end was not seen. */
  static final long UNKNOWN = -1;

  /** Bytes that were searched. */
  int scanned;

  /** How much of the delimiter the last of them were. */
  int matched;

  /** Where that which is given begins. */
  int offset;

  /** The length of that which is given; if the end was not seen, what it is at least. */
  long length;

  /** All bytes of the frame, with prefix or delimiter, or {@link #UNKNOWN}. */
  long total = UNKNOWN;

  void reset() {
    scanned = 0;
    matched = 0;
    offset = 0;
    length = 0;
    total = UNKNOWN;
  }
}
