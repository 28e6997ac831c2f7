package dev.reveille.benchmarks.chain;

/** The callback of a {@link Later}. */
@FunctionalInterface
interface Answer {
  void answered(Item item);
}
