package dev.reveille.io.framing;

import java.io.EOFException;

/** The stream has ended in the middle of a frame. */
public final class UnexpectedEndException extends EOFException {
  private static final long serialVersionUID = 1L;

  /** What was there. */
  private final long received;

  UnexpectedEndException(long received, long total) {
    super(
        "the stream ended after "
            + received
            + (total < 0 ? " bytes" : " of " + total + " bytes")
            + " of a frame");
    this.received = received;
  }

  /**
   * How much of the frame was there.
   *
   * @return bytes, with the prefix, if there is one
   */
  public long received() {
    return received;
  }
}
