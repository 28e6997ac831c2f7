package dev.reveille.callbacks.ledger;

import dev.reveille.Dispatcher;
import dev.reveille.callbacks.Callbacks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Live numbers of a migration: what becomes of each bridged call and stream, by the name of its
 * call site, and what the turns of the dispatchers go to.
 *
 * <p>It counts what {@link Callbacks}, {@link dev.reveille.callback.Completer} and {@link
 * dev.reveille.callback.Emitter} bridge on the dispatchers that it is attached to, from then on. A
 * call that began before is not counted; one that began while it was attached is counted to its
 * end, also when that comes after {@link #detach}. Names are meant to be constants; when a
 * dispatcher has a thousand of them, further ones are counted together, as "(other names)".
 *
 * <p>A dispatcher without a ledger pays one field read a call for it. With one, a call costs an
 * object until it ends, and a few atomic additions.
 *
 * <p><b>Threading.</b> All methods may be called by any thread, also while the loops run; none
 * waits for them. <b>Memory effects.</b> A snapshot counts each call that ended before it in the
 * order of happens-before. The ledger holds its dispatchers, and of calls nothing but their time.
 *
 * <p>Which library is to be looked into:
 *
 * <pre>{@code
 * List<String> suspects(RunnableDispatcher dispatcher) {
 *   try (MigrationLedger ledger = MigrationLedger.attach(dispatcher)) {
 *     dispatcher.runToCompletion();
 *     return ledger.snapshot().sites().stream()
 *         .filter(LedgerSnapshot.Site::isMisused)
 *         .map(site -> site.name() + ": " + site.doubled() + " of " + site.calls() + " came twice")
 *         .toList();
 *   }
 * }
 * }</pre>
 */
public final class MigrationLedger implements AutoCloseable {

  /** In the order in which they came; those that are detached, too. Guarded by itself. */
  private final Map<Dispatcher, Attachment> attachments = new LinkedHashMap<>();

  /** Guarded by {@link #attachments}. */
  private boolean closed;

  private MigrationLedger() {}

  /**
   * A new ledger, attached to dispatchers.
   *
   * @param dispatchers which; others may follow with {@link #add}
   * @return the ledger
   * @throws IllegalStateException if one of them has a ledger; then none is attached
   */
  public static MigrationLedger attach(Dispatcher... dispatchers) {
    MigrationLedger ledger = new MigrationLedger();
    try {
      for (Dispatcher dispatcher : dispatchers) {
        ledger.add(dispatcher);
      }
    } catch (Throwable t) {
      ledger.close();
      throw t;
    }
    return ledger;
  }

  /**
   * Attaches this ledger to one more dispatcher, or again to one that it was detached from.
   *
   * @param dispatcher which
   * @throws IllegalStateException if the dispatcher has a ledger, or this one is closed
   */
  public void add(Dispatcher dispatcher) {
    LedgerSlot slot = LedgerSlot.of(dispatcher);
    synchronized (attachments) {
      if (closed) {
        throw new IllegalStateException(
            "the ledger is closed; attach a new one to dispatcher '" + dispatcher.name() + "'");
      }
      Attachment known = attachments.get(dispatcher);
      Attachment attachment = known == null ? new Attachment(dispatcher) : known;
      if (!slot.attach(attachment)) {
        throw new IllegalStateException(
            "dispatcher '" + dispatcher.name() + "' has a ledger already; detach that one first");
      }
      attachments.put(dispatcher, attachment);
    }
  }

  /**
   * Hears of no more calls on a dispatcher, and counts its turns no further. What has begun is
   * still counted to its end.
   *
   * @param dispatcher which
   * @return false if it was not attached
   */
  public boolean detach(Dispatcher dispatcher) {
    LedgerSlot slot = LedgerSlot.of(dispatcher);
    synchronized (attachments) {
      Attachment attachment = attachments.get(dispatcher);
      return attachment != null && slot.detach(attachment);
    }
  }

  /** Detaches from all dispatchers. The numbers can still be read. Idempotent. */
  @Override
  public void close() {
    List<Dispatcher> all;
    synchronized (attachments) {
      closed = true;
      all = List.copyOf(attachments.keySet());
    }
    all.forEach(this::detach);
  }

  /**
   * The numbers up to now.
   *
   * @return immutable, sorted by name
   */
  public LedgerSnapshot snapshot() {
    List<Attachment> all;
    synchronized (attachments) {
      all = List.copyOf(attachments.values());
    }
    Map<String, SiteSum> sums = new TreeMap<>();
    List<LedgerSnapshot.Turns> turns = new ArrayList<>();
    for (Attachment attachment : all) {
      attachment.addTo(sums);
      turns.add(attachment.turns());
    }
    List<LedgerSnapshot.Site> sites = new ArrayList<>();
    sums.forEach((name, sum) -> sites.add(sum.site(name)));
    return new LedgerSnapshot(sites, turns);
  }

  /**
   * The numbers up to now, as {@link LedgerSnapshot#report}.
   *
   * @return a table, and the misuses that were kept
   */
  public String report() {
    return snapshot().report();
  }

  /**
   * The same as {@link #report}.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    return report();
  }
}
