package dev.reveille.callbacks;

/** What a {@link MigrationLedger} counts of a call site; {@link SiteCounts} says who writes. */
enum LedgerCount {
  CALLS,
  COMPLETED,
  FAILED,
  CANCELLED,
  TIMED_OUT,
  LOST,
  LATE,
  DOUBLED,
  REENTRANT,
  DROPPED,
  EVENTS;

  static final int SIZE = values().length;
}
