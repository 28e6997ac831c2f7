package dev.reveille;

/**
 * A source of time for one or several dispatchers, in nanoseconds. Readings never decrease and do
 * not wrap; their origin is arbitrary, so only differences mean something.
 *
 * <p><b>Threading.</b> {@link #read} may be called by any thread.
 */
@FunctionalInterface
public interface Ticker {

  /**
   * The time.
   *
   * @return nanoseconds
   */
  long read();

  /**
   * The clock of the machine: {@link System#nanoTime}, counted from the first use of this class, so
   * that deadlines of several dispatchers can be compared and sums do not overflow.
   *
   * @return the shared instance
   */
  static Ticker system() {
    return SystemTicker.INSTANCE;
  }
}
