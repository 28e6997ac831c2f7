package dev.reveille;

/** The one value of an operation that has nothing to say but that it is done. */
public enum Complete {
  /** Done. */
  COMPLETE
}
