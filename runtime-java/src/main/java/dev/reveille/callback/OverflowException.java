package dev.reveille.callback;

/**
 * The failure of a stream whose callback was faster than its consumer for longer than the buffer
 * could bear: see {@link Overflow#buffer}. Its stack trace is that of the callback that found the
 * buffer full.
 */
public final class OverflowException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OverflowException(String stream, int capacity) {
    super(
        "'"
            + stream
            + "' got an element while its buffer of "
            + capacity
            + " was full; poll faster, or choose an Overflow that drops, pauses or blocks");
  }
}
