package dev.reveille.benchmarks.bridge;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Where the legacy API calls back, for callers on a loop: see {@link Wire}. */
@FunctionalInterface
interface Delivery {
  /**
   * Chooses.
   *
   * @param loop that of the callers
   * @return it, or a thread of the library, or null for: at once, within the call
   */
  @Nullable Executor on(Executor loop);
}
