package dev.reveille.io;

import static java.util.Objects.requireNonNull;

/**
 * A pipe of the operating system: what is written to the sink is read from the source, byte for
 * byte, and when there is no more room the writer waits for the reader. Opened by {@link
 * SelectorDispatcher#openPipe}.
 *
 * <p>Between tasks of one loop a {@code Channel} of {@code dev.reveille.sync} is the better means.
 * A pipe is for code that knows bytes only, and for tests of it.
 *
 * <pre>{@code
 * try (BytePipe pipe = dispatcher.openPipe()) {
 *   dispatcher.spawn("writer", pipe.sink().write(message)); // as far as there is room
 *   dispatcher.runUntil(pipe.source().read(buffer));
 * }
 * }</pre>
 *
 * <p><b>Ends.</b> When the sink is closed, or its output shut down, the source reads what is left
 * and then -1. When the source is closed, writing throws {@link java.io.IOException}: "Broken
 * pipe". The system is told of either when the loop looks outside next: after 64 polls at the
 * latest, and before it sleeps.
 *
 * <p><b>Threading.</b> As {@link ByteSource} and {@link ByteSink}.
 *
 * @param source where the bytes come out
 * @param sink where they go in
 */
public record BytePipe(ByteSource source, ByteSink sink) implements AutoCloseable {

  /**
   * Two ends of one pipe.
   *
   * @param source where the bytes come out
   * @param sink where they go in
   */
  public BytePipe {
    requireNonNull(source, "source");
    requireNonNull(sink, "sink");
  }

  /**
   * Closes both ends, and wakes the tasks that wait at them. Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  public void close() {
    sink.close();
    source.close();
  }
}
