package dev.reveille.callbacks;

import dev.reveille.Dispatcher;
import dev.reveille.callback.CallbackDiagnostics;
import org.jspecify.annotations.Nullable;

/**
 * The place of the one ledger that a dispatcher may have: its service. A second one would take the
 * calls away from the first without a word.
 */
final class LedgerSlot {
  private final CallbackDiagnostics diagnostics;

  /** Guarded by this. */
  private @Nullable Attachment attached;

  private LedgerSlot(Dispatcher dispatcher) {
    this.diagnostics = CallbackDiagnostics.of(dispatcher);
  }

  static LedgerSlot of(Dispatcher dispatcher) {
    return dispatcher.service(LedgerSlot.class, LedgerSlot::new);
  }

  /** Returns false if there is one. */
  synchronized boolean attach(Attachment attachment) {
    if (attached != null) {
      return false;
    }
    attached = attachment;
    attachment.come();
    diagnostics.ledger(attachment);
    return true;
  }

  /** Returns false if it was not the one. */
  synchronized boolean detach(Attachment attachment) {
    if (attached != attachment) {
      return false;
    }
    diagnostics.ledger(null);
    attachment.go();
    attached = null;
    return true;
  }
}
