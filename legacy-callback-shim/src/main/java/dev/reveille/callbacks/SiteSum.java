package dev.reveille.callbacks;

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

  private long of(LedgerCount count) {
    return counts[count.ordinal()];
  }

  LedgerSnapshot.Site site(String name) {
    ages.sort(Collections.reverseOrder());
    return new LedgerSnapshot.Site(
        name,
        of(LedgerCount.CALLS),
        of(LedgerCount.COMPLETED),
        of(LedgerCount.FAILED),
        of(LedgerCount.CANCELLED),
        of(LedgerCount.TIMED_OUT),
        of(LedgerCount.LOST),
        of(LedgerCount.LATE),
        of(LedgerCount.DOUBLED),
        of(LedgerCount.OTHER_MISUSES),
        of(LedgerCount.REENTRANT),
        of(LedgerCount.DROPPED),
        of(LedgerCount.EVENTS),
        ages.size(),
        ages.stream().limit(LedgerSnapshot.AGES_SHOWN).map(Duration::ofNanos).toList(),
        misuses);
  }
}
