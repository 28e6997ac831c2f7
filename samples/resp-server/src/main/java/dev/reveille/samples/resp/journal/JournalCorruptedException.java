package dev.reveille.samples.resp.journal;

import java.io.IOException;

/**
 * The file is no journal, or a record in the middle of it is damaged while good ones follow. That
 * is no interrupted write, and cutting the file there would lose what follows: somebody has to
 * look. The file has not been touched.
 */
public final class JournalCorruptedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long position;

  JournalCorruptedException(String message, long position) {
    super(message);
    this.position = position;
  }

  /** Where in the file the damage begins. */
  public long position() {
    return position;
  }
}
