package dev.reveille.callbacks;

import dev.reveille.callback.CallbackMisuse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The live numbers of one call-site name on one dispatcher.
 *
 * <p><b>Who writes.</b> A call begins on the loop, so its number has one writer at a time, and the
 * driver's role hands it on: a plain read and an opaque write count it. Everything else may come
 * from the thread of a callback, an emitter or the reaper, and is an atomic add. Not a {@link
 * java.util.concurrent.atomic.LongAdder}: its cells pay off when many threads hit one counter all
 * the time, and here each event comes after a callback of its own. No locks: who completes a call
 * is promised not to block, and may be a selector thread of somebody else.
 *
 * <p><b>Who reads.</b> Any thread, and each number for itself: a snapshot of a site at work may see
 * an end whose call it has not seen. Ends are counted after the call has left those in flight, and
 * calls before it joins them; so with no call under way all of it adds up.
 */
final class SiteCounts {
  /** How many misuses are kept: the last ones, with three stacks each. */
  static final int MISUSES_KEPT = 4;

  private final AtomicLongArray counts = new AtomicLongArray(LedgerCount.SIZE);

  /** Added on the loop, removed by whoever ends it. */
  private final Set<CountedCall> inFlight = ConcurrentHashMap.newKeySet();

  /** Immutable lists, replaced by CAS. */
  private final AtomicReference<List<CallbackMisuse>> misuses = new AtomicReference<>(List.of());

  /** On the loop. */
  CountedCall begin(long now) {
    int calls = LedgerCount.CALLS.ordinal();
    counts.setOpaque(calls, counts.getPlain(calls) + 1);
    CountedCall call = new CountedCall(this, now);
    inFlight.add(call);
    return call;
  }

  /** Once for each call; any thread. */
  void ended(CountedCall call, LedgerCount how) {
    inFlight.remove(call);
    add(how);
  }

  /** Any thread. */
  void add(LedgerCount count) {
    counts.getAndIncrement(count.ordinal());
  }

  /** Any thread. */
  void remember(CallbackMisuse misuse) {
    misuses.updateAndGet(
        known -> {
          List<CallbackMisuse> last = new ArrayList<>(known);
          last.add(misuse);
          return List.copyOf(last.subList(Math.max(0, last.size() - MISUSES_KEPT), last.size()));
        });
  }

  /** Adds what there is to a sum; any thread. */
  void addTo(SiteSum sum, long now) {
    for (int i = 0; i < LedgerCount.SIZE; i++) {
      sum.counts[i] += counts.getOpaque(i);
    }
    for (CountedCall call : inFlight) {
      sum.ages.add(Math.max(0, now - call.begun));
    }
    sum.misuses.addAll(misuses.get());
  }
}
