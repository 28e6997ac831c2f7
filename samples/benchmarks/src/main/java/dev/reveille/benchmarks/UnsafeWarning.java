package dev.reveille.benchmarks;

import java.util.Optional;

/** The JVM warns of {@code Unsafe}, which JMH asks for offsets and which Netty is fastest with. */
public final class UnsafeWarning {
  /** The release that knows the option; the next one warns. */
  private static final int KNOWN_FROM = 23;

  private UnsafeWarning() {}

  /**
   * The JVM option that allows {@code Unsafe} without a word; none where the JVM says nothing
   * anyway.
   */
  public static Optional<String> off() {
    return Runtime.version().feature() >= KNOWN_FROM
        ? Optional.of("--sun-misc-unsafe-memory-access=allow")
        : Optional.empty();
  }
}
