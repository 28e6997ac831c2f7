package dev.reveille.benchmarks.cross;

/** What runs once on its loop each time that somebody wakes it. */
interface Sleeper {
  /** From a foreign thread; not again before it ran. */
  void wake();
}
