package dev.reveille.callbacks;

import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.LedgerSink;

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
  OTHER_MISUSES,
  REENTRANT,
  DROPPED,
  EVENTS;

  static final int SIZE = values().length;

  static LedgerCount of(LedgerSink.End end) {
    return switch (end) {
      case COMPLETED -> COMPLETED;
      case FAILED -> FAILED;
      case CANCELLED -> CANCELLED;
      case TIMED_OUT -> TIMED_OUT;
    };
  }

  static LedgerCount of(CallbackMisuse.Kind kind) {
    return switch (kind) {
      case DOUBLE_COMPLETION -> DOUBLED;
      case LOST -> LOST;
      default -> OTHER_MISUSES;
    };
  }
}
