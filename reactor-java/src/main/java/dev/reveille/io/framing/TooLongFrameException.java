package dev.reveille.io.framing;

import java.io.IOException;

/** A frame of the peer is longer than the {@linkplain Framing#maxLength limit}. */
public final class TooLongFrameException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What a frame may have. */
  private final int limit;

  /** What this one has, or has at least. */
  private final long length;

  TooLongFrameException(int limit, long length, boolean complete) {
    super(
        "a frame of "
            + (complete ? "" : "at least ")
            + length
            + " bytes is longer than the limit of "
            + limit);
    this.limit = limit;
    this.length = length;
  }

  /**
   * The limit.
   *
   * @return bytes
   */
  public int limit() {
    return limit;
  }

  /**
   * The length that was announced, or that has arrived so far.
   *
   * @return bytes, more than the limit
   */
  public long length() {
    return length;
  }
}
