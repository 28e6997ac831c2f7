package dev.reveille.samples.resp.journal;

import java.util.Locale;

/** When what was written is forced to the disk. */
public enum FsyncPolicy {
  /** Before an append completes. */
  ALWAYS,
  /** When the owner calls {@link Journal#sync}, which it does every second. */
  EVERYSEC,
  /** When the journal is closed; otherwise whenever the system does. */
  NO;

  /**
   * The policy that {@code text} names, in lower case as on the command line.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static FsyncPolicy of(String text) {
    for (FsyncPolicy policy : values()) {
      if (policy.toString().equals(text)) {
        return policy;
      }
    }
    throw new IllegalArgumentException("not one of always, everysec, no: " + text);
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
