package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.lang.System.Logger;
import java.time.Duration;

/**
 * What a dispatcher can be given at its construction. Immutable: each {@code with} returns a copy.
 *
 * <pre>{@code
 * DispatcherOptions options =
 *     DispatcherOptions.defaults()
 *         .withName("market data")
 *         .withTicker(clock)
 *         .withTimerSlack(Duration.ofMillis(1));
 * var dispatcher = new BasicDispatcher(options);
 * }</pre>
 *
 * @param name the name that dumps and messages show; default "dispatcher"
 * @param ticker the clock; default {@link Ticker#system()}
 * @param uncaughtHandler where failures go that nobody waits for; by default they are logged as
 *     errors with {@link System.Logger}
 * @param pollsPerTurn how many entries of the run queue are run before the loop looks at its inbox,
 *     its clock, its timers and its I/O again; default 64
 * @param budget how many steps the leaf operations below one poll, callback or coroutine segment
 *     may make before it has to queue again; default 128, as in tokio
 * @param timerSlack by how much a sleep may be longer than the earliest deadline asks for, so that
 *     deadlines close to each other cost one wake-up; default zero
 * @param spins how often a loop that has nothing to do looks at its inbox before it sleeps; default
 *     0. Worth it only with a core to spare: a hand-over to a spinning loop costs about 0.15 us, to
 *     a sleeping one about 5.5 us
 */
public record DispatcherOptions(
    String name,
    Ticker ticker,
    UncaughtHandler uncaughtHandler,
    int pollsPerTurn,
    int budget,
    Duration timerSlack,
    int spins) {

  private static final Logger LOGGER = System.getLogger("dev.reveille.uncaught");

  private static final DispatcherOptions DEFAULTS =
      new DispatcherOptions(
          "dispatcher", Ticker.system(), DispatcherOptions::log, 64, 128, Duration.ZERO, 0);

  /**
   * Checks the values.
   *
   * @param name the name that dumps and messages show
   * @param ticker the clock
   * @param uncaughtHandler where failures go that nobody waits for
   * @param pollsPerTurn entries of the run queue between two looks outside
   * @param budget steps of leaf operations below one entry
   * @param timerSlack by how much a sleep may be longer
   * @param spins looks at the inbox before a sleep
   * @throws IllegalArgumentException if a number is below its minimum: 1 for {@code pollsPerTurn}
   *     and {@code budget}, zero for {@code timerSlack} and {@code spins}
   */
  public DispatcherOptions {
    requireNonNull(name, "name");
    requireNonNull(ticker, "ticker");
    requireNonNull(uncaughtHandler, "uncaughtHandler");
    atLeast("pollsPerTurn", pollsPerTurn, 1);
    atLeast("budget", budget, 1);
    atLeast("spins", spins, 0);
    if (requireNonNull(timerSlack, "timerSlack").isNegative()) {
      throw new IllegalArgumentException("timerSlack must not be negative: " + timerSlack);
    }
  }

  private static void atLeast(String what, int value, int minimum) {
    if (value < minimum) {
      throw new IllegalArgumentException(what + " must be at least " + minimum + ": " + value);
    }
  }

  private static void log(Dispatcher dispatcher, String task, Throwable failure) {
    LOGGER.log(
        Logger.Level.ERROR,
        "uncaught in '" + task + "' on dispatcher '" + dispatcher.name() + "'",
        failure);
  }

  /**
   * The defaults.
   *
   * @return the shared instance
   */
  public static DispatcherOptions defaults() {
    return DEFAULTS;
  }

  /**
   * A copy with another name.
   *
   * @param value the name
   * @return the copy
   */
  public DispatcherOptions withName(String value) {
    return new DispatcherOptions(
        value, ticker, uncaughtHandler, pollsPerTurn, budget, timerSlack, spins);
  }

  /**
   * A copy with another clock.
   *
   * @param value the clock
   * @return the copy
   */
  public DispatcherOptions withTicker(Ticker value) {
    return new DispatcherOptions(
        name, value, uncaughtHandler, pollsPerTurn, budget, timerSlack, spins);
  }

  /**
   * A copy with another handler for failures that nobody waits for.
   *
   * @param value the handler
   * @return the copy
   */
  public DispatcherOptions withUncaughtHandler(UncaughtHandler value) {
    return new DispatcherOptions(name, ticker, value, pollsPerTurn, budget, timerSlack, spins);
  }

  /**
   * A copy with another length of a turn.
   *
   * @param value how many entries, at least 1
   * @return the copy
   */
  public DispatcherOptions withPollsPerTurn(int value) {
    return new DispatcherOptions(name, ticker, uncaughtHandler, value, budget, timerSlack, spins);
  }

  /**
   * A copy with another budget.
   *
   * @param value how many steps, at least 1
   * @return the copy
   */
  public DispatcherOptions withBudget(int value) {
    return new DispatcherOptions(
        name, ticker, uncaughtHandler, pollsPerTurn, value, timerSlack, spins);
  }

  /**
   * A copy with another timer slack.
   *
   * @param value the slack, not negative
   * @return the copy
   */
  public DispatcherOptions withTimerSlack(Duration value) {
    return new DispatcherOptions(name, ticker, uncaughtHandler, pollsPerTurn, budget, value, spins);
  }

  /**
   * A copy with another number of spins before a sleep.
   *
   * @param value how many, not negative
   * @return the copy
   */
  public DispatcherOptions withSpins(int value) {
    return new DispatcherOptions(
        name, ticker, uncaughtHandler, pollsPerTurn, budget, timerSlack, value);
  }
}
