package dev.reveille;

/**
 * A source of time for one or several dispatchers, in nanoseconds. Readings never decrease and do
 * not wrap; their origin is arbitrary, so only differences mean something.
 *
 * <p><b>Threading.</b> {@link #read} may be called by any thread.
 *
 * <p>A recording is replayed, and timers go by the time of the recording:
 *
 * <pre>{@code
 * AtomicLong now = new AtomicLong();
 * Ticker recorded = now::get; // the time of the trade that is replayed
 * var options = DispatcherOptions.defaults().withTicker(recorded);
 * try (var dispatcher = new BasicDispatcher(options)) {
 *   dispatcher.postAfter(Duration.ofSeconds(5), () -> log.add("five seconds"));
 *   for (Trade trade : recording) {
 *     now.set(trade.nanos());
 *     dispatcher.runUntilStalled(); // what was due before the trade
 *     dispatcher.post(() -> log.add(trade.what()));
 *   }
 *   dispatcher.runUntilStalled();
 * }
 * }</pre>
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
