package dev.reveille.callbacks.ledger;

import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.LedgerSink;
import org.jspecify.annotations.Nullable;

/**
 * One bridged call or stream in a ledger. It has its site and the time, but nothing of the call
 * itself: a ledger keeps no object of the user's alive, but for the misuses that it shows.
 */
final class CountedCall implements LedgerSink.Entry {
  private final SiteCounts site;

  /** When it began, on the dispatcher's ticker. */
  final long begun;

  CountedCall(SiteCounts site, long begun) {
    this.site = site;
    this.begun = begun;
  }

  // ------------------------------------------------------------------ on the loop

  @Override
  public void ended(LedgerSink.End how, @Nullable Throwable failure) {
    site.ended(this, LedgerCount.of(how));
  }

  @Override
  public void reentrant() {
    site.addOnLoop(LedgerCount.REENTRANT);
  }

  // ------------------------------------------------------------------ any thread

  @Override
  public void late() {
    site.add(LedgerCount.LATE);
  }

  @Override
  public void misused(CallbackMisuse misuse) {
    site.add(LedgerCount.of(misuse.kind()));
    site.remember(misuse);
  }

  @Override
  public void event() {
    site.add(LedgerCount.EVENTS);
  }

  @Override
  public void dropped() {
    site.add(LedgerCount.DROPPED);
  }
}
