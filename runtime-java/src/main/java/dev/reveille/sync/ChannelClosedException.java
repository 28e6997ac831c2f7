package dev.reveille.sync;

import org.jspecify.annotations.Nullable;

/**
 * A send failed because the channel is closed, or was closed while the send waited. The value did
 * not go; the exception gives it back.
 *
 * <p>It is an outcome, not a mistake: a sender can not know that the receivers have left. What is a
 * mistake at the call, such as the use of an end after its own close, is an {@link
 * IllegalStateException}.
 */
public final class ChannelClosedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Not serialized: a value need not be serializable. */
  private final transient @Nullable Object value;

  /**
   * Creates the exception.
   *
   * @param message what was closed, and what did not go
   * @param value the value that was not sent, or null if none was involved
   */
  public ChannelClosedException(String message, @Nullable Object value) {
    super(message);
    this.value = value;
  }

  /**
   * The value that was not sent.
   *
   * @return the value as it was given to the send; null if there was none: a reserve failed
   */
  public @Nullable Object value() {
    return value;
  }
}
