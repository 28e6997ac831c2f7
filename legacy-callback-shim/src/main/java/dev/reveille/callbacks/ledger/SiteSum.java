package dev.reveille.callbacks.ledger;

import dev.reveille.callback.CallbackMisuse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One line of a snapshot in the making: a name, summed up over the dispatchers. */
final class SiteSum {
  final long[] counts = new long[LedgerCount.SIZE];
  final List<Long> ages = new ArrayList<>();
  final List<CallbackMisuse> misuses = new ArrayList<>();

  LedgerSnapshot.Site site(String name) {
    ages.sort(Collections.reverseOrder());
    return new LedgerSnapshot.Site(
        name,
        counts[LedgerCount.CALLS],
        counts[LedgerCount.COMPLETED],
        counts[LedgerCount.FAILED],
        counts[LedgerCount.CANCELLED],
        counts[LedgerCount.TIMED_OUT],
        counts[LedgerCount.LOST],
        counts[LedgerCount.LATE],
        counts[LedgerCount.DOUBLED],
        counts[LedgerCount.OTHER_MISUSES],
        counts[LedgerCount.REENTRANT],
        counts[LedgerCount.DROPPED],
        counts[LedgerCount.EVENTS],
        ages.size(),
        ages.stream().limit(LedgerSnapshot.AGES_SHOWN).map(Duration::ofNanos).toList(),
        misuses);
  }
}
