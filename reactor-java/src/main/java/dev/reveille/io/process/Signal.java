package dev.reveille.io.process;

import static java.util.Objects.requireNonNull;

/**
 * A kind of signal of the operating system, by its name: {@link #SIGINT}, {@code new
 * Signal("USR1")}. Which names a platform knows can be asked for: {@link Signals#isKnown}.
 *
 * @param name the name without {@code SIG}, in capitals
 */
public record Signal(String name) {

  /** Somebody has pressed Ctrl-C. */
  public static final Signal SIGINT = new Signal("INT");

  /** The process is asked to end. */
  public static final Signal SIGTERM = new Signal("TERM");

  /** The terminal was closed; to daemons: read the configuration again. Unknown on Windows. */
  public static final Signal SIGHUP = new Signal("HUP");

  /**
   * Names a signal.
   *
   * @param name the name; {@code SIG} in front of it is left out
   * @throws IllegalArgumentException if nothing is left of the name
   */
  public Signal {
    if (requireNonNull(name, "name").startsWith("SIG")) {
      name = name.substring("SIG".length());
    }
    if (name.isBlank()) {
      throw new IllegalArgumentException("a signal without a name");
    }
  }

  @Override
  public String toString() {
    return "SIG" + name;
  }
}
