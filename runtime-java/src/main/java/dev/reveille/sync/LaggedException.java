package dev.reveille.sync;

/**
 * A {@linkplain Broadcast.Receiver receiver} was too slow: values that it had not received yet were
 * overwritten. Thrown once for each gap, in the place of the values; the next receive gives the
 * oldest one that is left.
 */
public final class LaggedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** How many values are gone. */
  private final long missed;

  /** No stack trace: it would say who receives, not who is slow, and this comes under load. */
  LaggedException(String broadcast, long missed) {
    super(
        "a receiver of '" + broadcast + "' was too slow and missed " + missed + " values",
        null,
        true,
        false);
    this.missed = missed;
  }

  /**
   * How many values this receiver missed since the last one that it received.
   *
   * @return one or more
   */
  public long missed() {
    return missed;
  }
}
