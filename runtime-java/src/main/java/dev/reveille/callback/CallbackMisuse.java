package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A report that the legacy side broke the rules of a single completion.
 *
 * <pre>{@code
 * String report(CallbackMisuse misuse) {
 *   return misuse.kind() + " of " + misuse.name();
 * }
 * }</pre>
 *
 * @param kind what was wrong
 * @param name the call or stream
 * @param begun where it was begun, if stacks were captured then
 * @param first where it was completed first, if that was captured: see {@link CallbackDiagnostics}
 * @param second where it was completed again, or what its initiator threw
 */
public record CallbackMisuse(
    Kind kind,
    String name,
    @Nullable Throwable begun,
    @Nullable Throwable first,
    @Nullable Throwable second) {

  /** What was wrong. */
  public enum Kind {
    /** It was completed, and then completed again. The first completion counts. */
    DOUBLE_COMPLETION("was completed more than once; the first completion counts"),

    /** It was completed, and then its initiator threw. The completion counts. */
    THREW_AFTER_COMPLETION("was completed, and its initiator threw; the completion counts"),

    /** Nobody can complete it any more: its completer is garbage. Who waits is told. */
    LOST("can not complete any more: its completer became garbage without a completion");

    final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /**
   * Refuses what is missing.
   *
   * @param kind what was wrong
   * @param name the call or stream
   * @param begun where it was begun, or null
   * @param first where it was completed first, or null
   * @param second where it was completed again, or null
   */
  public CallbackMisuse {
    requireNonNull(kind, "kind");
    requireNonNull(name, "name");
  }

  /**
   * What was wrong, in a sentence.
   *
   * @return the name and what it did
   */
  public String message() {
    return "'" + name + "' " + kind.words;
  }

  /** The message, with the sites as its cause and as suppressed exceptions. */
  Throwable toThrowable() {
    Throwable report = new Report(message(), first);
    if (second != null) {
      report.addSuppressed(second);
    }
    if (begun != null) {
      report.addSuppressed(begun);
    }
    return report;
  }

  /** Has no stack of its own: those that count are inside. */
  private static final class Report extends RuntimeException {
    private static final long serialVersionUID = 1;

    Report(String message, @Nullable Throwable cause) {
      super(message, cause, true, false);
    }
  }
}
