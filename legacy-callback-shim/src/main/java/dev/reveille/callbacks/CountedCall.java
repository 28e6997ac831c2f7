package dev.reveille.callbacks;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.LedgerSink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One bridged call or stream in a ledger. Any thread tells it what happens.
 *
 * <p>It has one end, the first that it is told of, and is in flight until then: a call that is lost
 * fails as well, one that has timed out is given up as well, and both would otherwise be counted
 * twice. So the ends of a site and what is in flight add up to its calls. Everything else (late,
 * double, dropped) may come before the end or after it, any number of times.
 *
 * <p>It has the site and the time, but nothing of the call: a ledger keeps no user object alive.
 */
final class CountedCall implements LedgerSink.Entry {
  private static final VarHandle ENDED =
      fieldVarHandle(
          MethodHandles.lookup(), "ended", VarHandle.class, CountedCall.class, boolean.class);

  private final SiteCounts site;

  /** When it began, on the dispatcher's ticker. */
  final long begun;

  /** CAS (volatile), by whoever tells of an end; pairs with itself: one of them counts. */
  @SuppressWarnings("unused") // by way of ENDED
  private volatile boolean ended;

  CountedCall(SiteCounts site, long begun) {
    this.site = site;
    this.begun = begun;
  }

  private void end(LedgerCount how) {
    if (ENDED.compareAndSet(this, false, true)) {
      site.ended(this, how);
    }
  }

  @Override
  public void completed() {
    end(LedgerCount.COMPLETED);
  }

  @Override
  public void failed(Throwable cause) {
    end(LedgerCount.FAILED);
  }

  @Override
  public void cancelled() {
    end(LedgerCount.CANCELLED);
  }

  @Override
  public void timedOut() {
    end(LedgerCount.TIMED_OUT);
  }

  @Override
  public void lost() {
    end(LedgerCount.LOST);
  }

  @Override
  public void late() {
    site.add(LedgerCount.LATE);
  }

  @Override
  public void doubled(CallbackMisuse misuse) {
    site.add(LedgerCount.DOUBLED);
    site.remember(misuse);
  }

  @Override
  public void reentrant() {
    site.add(LedgerCount.REENTRANT);
  }

  @Override
  public void dropped() {
    site.add(LedgerCount.DROPPED);
  }

  @Override
  public void event() {
    site.add(LedgerCount.EVENTS);
  }
}
