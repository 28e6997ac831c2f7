package dev.reveille.io.file;

import java.io.IOException;

/** What a poll that may throw {@link IOException} makes of what an operation throws. */
final class Failures {
  private Failures() {}

  /** Throws what is unchecked as it is; returns the rest. */
  static IOException of(Throwable t) {
    if (t instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof IOException io ? io : new IOException(t);
  }
}
