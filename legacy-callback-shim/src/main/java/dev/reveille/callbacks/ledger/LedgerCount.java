package dev.reveille.callbacks.ledger;

import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.LedgerSink;

/** What a {@link MigrationLedger} counts of a call site, by place in {@link SiteCounts}. */
final class LedgerCount {
  static final int CALLS = 0;
  static final int COMPLETED = 1;
  static final int FAILED = 2;
  static final int CANCELLED = 3;
  static final int TIMED_OUT = 4;
  static final int REENTRANT = 5;
  static final int LATE = 6;
  static final int LOST = 7;
  static final int DOUBLED = 8;
  static final int OTHER_MISUSES = 9;
  static final int DROPPED = 10;
  static final int EVENTS = 11;
  static final int SIZE = 12;

  private LedgerCount() {}

  static int of(LedgerSink.End end) {
    if (end == LedgerSink.End.COMPLETED) {
      return COMPLETED;
    }
    if (end == LedgerSink.End.FAILED) {
      return FAILED;
    }
    return end == LedgerSink.End.CANCELLED ? CANCELLED : TIMED_OUT;
  }

  static int of(CallbackMisuse.Kind kind) {
    if (kind == CallbackMisuse.Kind.DOUBLE_COMPLETION) {
      return DOUBLED;
    }
    return kind == CallbackMisuse.Kind.LOST ? LOST : OTHER_MISUSES;
  }
}
