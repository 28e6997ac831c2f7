package dev.reveille.callbacks.ledger;

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
 * <p><b>Who writes.</b> Calls begin and end on the loop, and what comes before the initiator has
 * returned comes there too. So these numbers have one writer at a time, and the driver's role hands
 * them on from thread to thread: a plain read and an opaque write count. The others may come from
 * the thread of a callback, of an emitter, or from the reaper, and are atomic additions. Not a
 * {@link java.util.concurrent.atomic.LongAdder}: its cells pay off when many threads hit one
 * counter all the time, and here each event comes with a callback of its own. No locks: who
 * completes a call is promised not to block, and may be a selector thread of somebody else.
 *
 * <p><b>Who reads.</b> Any thread, each number for itself (opaque: never torn, never going back). A
 * snapshot of a site at work may see an end and not its call. When nothing moves, what is in flight
 * and the four ends add up to the calls.
 */
final class SiteCounts {
  /** How many misuses are kept: the last ones, with three stacks each. */
  static final int MISUSES_KEPT = 4;

  private final AtomicLongArray counts = new AtomicLongArray(LedgerCount.SIZE);

  /** Written on the loop; a concurrent set for those who read. */
  private final Set<CountedCall> inFlight = ConcurrentHashMap.newKeySet();

  /** Immutable lists, replaced by CAS. */
  private final AtomicReference<List<CallbackMisuse>> misuses = new AtomicReference<>(List.of());

  /** On the loop. */
  CountedCall begin(long now) {
    addOnLoop(LedgerCount.CALLS);
    CountedCall call = new CountedCall(this, now);
    inFlight.add(call);
    return call;
  }

  /** On the loop. The first end counts. */
  void ended(CountedCall call, int how) {
    if (inFlight.remove(call)) {
      addOnLoop(how);
    }
  }

  /** Of a count that has no other writer. */
  void addOnLoop(int count) {
    counts.setOpaque(count, counts.getPlain(count) + 1);
  }

  /** Any thread. */
  void add(int count) {
    counts.getAndIncrement(count);
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
