package dev.reveille.benchmarks.spawn;

/** What all that was spawned works on, on one thread. */
final class Batch {
  /** Of those that have run. */
  long sum;

  /** Those that have not. */
  int left;
}
