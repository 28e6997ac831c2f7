package dev.reveille.callback;

import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/**
 * What a call comes to, in the word of its {@link CompleterOperation}: a value is the {@link
 * Poll.Ready} that the poll will return, the rest is one of these.
 *
 * <p>They are final classes, so that telling them from a waker is a look at one word.
 */
abstract class CallOutcome {
  /** What completed it, where that is kept: see {@link CallbackDiagnostics}. */
  @Nullable Site site() {
    return null;
  }

  /** A failure; the cause is null if the legacy side said "cancelled". */
  static final class Failed extends CallOutcome {
    static final Failed BY_CANCEL = new Failed(null);

    final @Nullable Throwable cause;

    Failed(@Nullable Throwable cause) {
      this.cause = cause;
    }
  }

  /** An outcome that keeps its site. */
  static final class Sited extends CallOutcome {
    final Object outcome;
    private final Site site;

    Sited(Object outcome, Site site) {
      this.outcome = outcome;
      this.site = site;
    }

    @Override
    Site site() {
      return site;
    }
  }

  /** The one who waited has its result, or gave up. */
  static final class Spent extends CallOutcome {
    static final Spent READY = new Spent("was ready before", false, null);
    static final Spent FAILED = new Spent("failed before", false, null);

    /** Given up, and the legacy side has not said its last word, which is no misuse. */
    static final Spent GIVEN_UP = new Spent("was cancelled", true, null);

    /** Given up, and the last word came: there should be no other. */
    static final Spent CLOSED = new Spent("was cancelled", true, null);

    /** Given up, and the outcome was there before, and not taken. */
    static final Spent NOT_TAKEN = new Spent("was cancelled", false, null);

    /** How it ended, for messages. */
    final String words;

    /** Given up before the legacy side had said its last word. */
    final boolean cancelled;

    private final @Nullable Site site;

    private Spent(String words, boolean cancelled, @Nullable Site site) {
      this.words = words;
      this.cancelled = cancelled;
      this.site = site;
    }

    /** The same end, with the site of the completion that led to it. */
    Spent at(@Nullable Site where) {
      return where == null ? this : new Spent(words, cancelled, where);
    }

    @Override
    @Nullable Site site() {
      return site;
    }
  }
}
