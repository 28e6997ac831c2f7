package dev.reveille.benchmarks.bridge;

import org.jspecify.annotations.Nullable;

/** The callback of the legacy API: a value, or a failure. */
@FunctionalInterface
interface ItemCallback {
  /**
   * Called once.
   *
   * @param item what was asked for, or null
   * @param failure why not, or null
   */
  void done(@Nullable Item item, @Nullable Throwable failure);
}
