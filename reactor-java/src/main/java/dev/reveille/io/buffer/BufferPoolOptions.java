package dev.reveille.io.buffer;

import static java.util.Objects.requireNonNull;

import java.lang.System.Logger;
import java.util.function.Consumer;

/**
 * What a {@link BufferPool} can be given at its construction. Immutable: each {@code with} returns
 * a copy.
 *
 * <pre>{@code
 * BufferPoolOptions options =
 *     BufferPoolOptions.of(16 * 1024, 256) // at most 4 MB
 *         .withName("requests")
 *         .withLeakReports(true); // while looking for one
 * }</pre>
 *
 * @param name the name that messages show; default "buffers"
 * @param bufferSize bytes of each buffer
 * @param maximum how many buffers there are at most, in use and idle together
 * @param direct whether the buffers are direct, which spares a copy at every system call; default
 *     true
 * @param leakReports whether leases that became garbage while they held a buffer are found and
 *     reported, and writes into a buffer that was given back; default false. It costs a stack trace
 *     and a few objects for each acquisition, and the buffer's bytes are written and read once more
 * @param leakHandler gets each of them once, as a throwable whose stack trace, or whose cause's, is
 *     that of the acquisition; by default it is logged as an error with {@link System.Logger}
 */
public record BufferPoolOptions(
    String name,
    int bufferSize,
    int maximum,
    boolean direct,
    boolean leakReports,
    Consumer<? super Throwable> leakHandler) {

  private static final Logger LOGGER = System.getLogger("dev.reveille.io.buffer");

  /**
   * Checks the values.
   *
   * @param name the name that messages show
   * @param bufferSize bytes of each buffer
   * @param maximum how many buffers there are at most
   * @param direct whether the buffers are direct
   * @param leakReports whether leaks are found and reported
   * @param leakHandler gets the leaks
   * @throws IllegalArgumentException if a size or number is less than 1
   */
  public BufferPoolOptions {
    requireNonNull(name, "name");
    requireNonNull(leakHandler, "leakHandler");
    atLeastOne("bufferSize", bufferSize);
    atLeastOne("maximum", maximum);
  }

  private static void atLeastOne(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1: " + value);
    }
  }

  private static void log(Throwable leak) {
    LOGGER.log(Logger.Level.ERROR, leak.getMessage(), leak);
  }

  /**
   * The defaults, with what has no default.
   *
   * @param bufferSize bytes of each buffer
   * @param maximum how many buffers there are at most
   * @return the options
   * @throws IllegalArgumentException if a size or number is less than 1
   */
  public static BufferPoolOptions of(int bufferSize, int maximum) {
    return new BufferPoolOptions(
        "buffers", bufferSize, maximum, true, false, BufferPoolOptions::log);
  }

  /**
   * A copy with another name.
   *
   * @param value the name
   * @return the copy
   */
  public BufferPoolOptions withName(String value) {
    return new BufferPoolOptions(value, bufferSize, maximum, direct, leakReports, leakHandler);
  }

  /**
   * A copy for direct buffers, or for those of the heap.
   *
   * @param value whether the buffers are direct
   * @return the copy
   */
  public BufferPoolOptions withDirect(boolean value) {
    return new BufferPoolOptions(name, bufferSize, maximum, value, leakReports, leakHandler);
  }

  /**
   * A copy with leak reports on or off.
   *
   * @param value whether leaks are found and reported
   * @return the copy
   */
  public BufferPoolOptions withLeakReports(boolean value) {
    return new BufferPoolOptions(name, bufferSize, maximum, direct, value, leakHandler);
  }

  /**
   * A copy with leak reports on, and another handler for them.
   *
   * @param value called on the loop, or by {@link BufferPool#close}, once for each leak
   * @return the copy
   */
  public BufferPoolOptions withLeakHandler(Consumer<? super Throwable> value) {
    return new BufferPoolOptions(name, bufferSize, maximum, direct, true, value);
  }
}
