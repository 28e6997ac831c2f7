package dev.reveille.io.framing;

import java.nio.ByteBuffer;

/**
 * Where one frame ends and the next begins: by lines, by a delimiter, by a length in front, or by a
 * number of bytes that is known. Immutable; readers and writers may share it.
 *
 * <pre>{@code
 * Framing lines = Framing.lines(8192);
 * Framing parts = Framing.delimited(65_536, "--next--".getBytes(US_ASCII));
 * Framing messages = Framing.lengthPrefixed(1 << 20).withBytes(2).withLittleEndian();
 * Framing body = Framing.exactly(contentLength);
 * }</pre>
 *
 * <p>Each has a limit on what one frame may hold, because the peer must not decide how much memory
 * is used.
 *
 * <p><b>Threading.</b> Any thread.
 */
public abstract sealed class Framing
    permits DelimiterFraming, FixedFraming, LengthPrefix, LineFraming {
  /** More than that is no array in every JVM. */
  private static final int LARGEST = Integer.MAX_VALUE - 64;

  final int maxLength;

  Framing(int maxLength) {
    if (maxLength < 0 || maxLength > LARGEST) {
      throw new IllegalArgumentException(
          "maxLength must be between 0 and " + LARGEST + ": " + maxLength);
    }
    this.maxLength = maxLength;
  }

  /**
   * Lines that end in {@code \n} or {@code \r\n}, given without it; a {@code \r} elsewhere is a
   * byte like any other. At the end of the stream, what is left is the last line, as in a text
   * file. Written with {@code \n}.
   *
   * @param maxLength bytes of the longest line, without its end
   * @return the framing
   * @throws IllegalArgumentException if the limit is negative or above about 2^31
   */
  public static Framing lines(int maxLength) {
    return new LineFraming(maxLength, true);
  }

  /**
   * As {@link #lines}, for protocols in which a line without its end is half a line: at the end of
   * the stream it is an {@link UnexpectedEndException}.
   *
   * @param maxLength bytes of the longest line, without its end
   * @return the framing
   * @throws IllegalArgumentException if the limit is negative or above about 2^31
   */
  public static Framing terminatedLines(int maxLength) {
    return new LineFraming(maxLength, false);
  }

  /**
   * Frames that end in a sequence of bytes, and are given without it. For lines that must end in
   * {@code \r\n}, and are written so, {@code delimited(max, '\r', '\n')} with casts.
   *
   * @param maxLength bytes of the longest frame, without the delimiter
   * @param delimiter the bytes at the end, at least one
   * @return the framing
   * @throws IllegalArgumentException if the limit is negative or above about 2^31, or the delimiter
   *     is empty
   */
  public static Framing delimited(int maxLength, byte... delimiter) {
    return new DelimiterFraming(maxLength, delimiter);
  }

  /**
   * Frames with their length in front: in four bytes, big-endian, not counting themselves, unless
   * changed by the methods of {@link LengthPrefix}.
   *
   * @param maxLength bytes of the longest frame, without the prefix
   * @return the framing
   * @throws IllegalArgumentException if the limit is negative or above about 2^31
   */
  public static LengthPrefix lengthPrefixed(int maxLength) {
    return LengthPrefix.ofFourBytes(maxLength);
  }

  /**
   * Frames of a length that is known from elsewhere: a record, or the body after a header, for
   * which a reader {@linkplain FrameReader#use changes} to this framing and then back.
   *
   * @param length bytes of each frame, at least 1
   * @return the framing
   * @throws IllegalArgumentException if the length is less than 1 or above about 2^31
   */
  public static Framing exactly(int length) {
    return new FixedFraming(length);
  }

  /**
   * The limit.
   *
   * @return how many bytes a frame that is given may have
   */
  public final int maxLength() {
    return maxLength;
  }

  /** Bytes of a frame that come on top of the longest that is given, at most. */
  abstract int overhead();

  /**
   * Searches on for the end of the frame that begins at {@code start}. The buffer's limit is not
   * below {@code end}.
   */
  abstract void find(ByteBuffer in, int start, int end, Scan scan) throws MalformedFrameException;

  /** Whether the end of the stream is the end of a frame. */
  boolean endsWithTheStream() {
    return false;
  }

  /** Whether a byte order mark or a wide charset would break it: it looks for single bytes. */
  boolean isOfLines() {
    return false;
  }

  // ------------------------------------------------------------------ writing

  /** Refuses what a reader with the same framing would not read as this one frame. */
  final void check(ByteBuffer payload) {
    if (payload.remaining() > maxLength) {
      throw new IllegalArgumentException(
          "a frame of " + payload.remaining() + " bytes is longer than the limit of " + maxLength);
    }
    checkContent(payload);
  }

  abstract void checkContent(ByteBuffer payload);

  int headerLength(int payloadLength) {
    return 0;
  }

  void putHeader(ByteBuffer out, int payloadLength) {}

  /** A fresh view of what comes after the payload. */
  abstract ByteBuffer trailer();
}
