package dev.reveille.callbacks.ledger;

import dev.reveille.Dispatcher;
import dev.reveille.callback.CallbackDiagnostics;
import org.jspecify.annotations.Nullable;

/**
 * The place of the one ledger that a dispatcher may have: its service. A second one would take the
 * calls away from the first, or from a sink of the user's own, without a word.
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

  /** Returns false if there is one, or a sink that is no ledger. */
  synchronized boolean attach(Attachment attachment) {
    if (attached != null || diagnostics.ledger() != null) {
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
    if (diagnostics.ledger() == attachment) { // else somebody has put a sink of his own there
      diagnostics.ledger(null);
    }
    attachment.go();
    attached = null;
    return true;
  }
}
