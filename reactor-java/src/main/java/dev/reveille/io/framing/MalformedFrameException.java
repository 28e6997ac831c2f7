package dev.reveille.io.framing;

import java.io.IOException;

/**
 * What the peer sent is no frame: a negative length, say. Where the next frame begins is not known.
 */
public final class MalformedFrameException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedFrameException(String message) {
    super(message);
  }
}
