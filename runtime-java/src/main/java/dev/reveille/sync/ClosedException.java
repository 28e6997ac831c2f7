package dev.reveille.sync;

/**
 * What was waited for will not come any more: the other side has closed. The message names it.
 *
 * <p>It is an outcome, not a mistake of the one who waited, who may not have known; what is a
 * mistake at the call, such as use of one's own end after its close, is an {@link
 * IllegalStateException}.
 */
public final class ClosedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was closed
   */
  public ClosedException(String message) {
    super(message);
  }
}
