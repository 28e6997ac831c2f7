package dev.reveille.callbacks.ledger;

import dev.reveille.callback.CallbackMisuse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A {@link LedgerSnapshot} in words: for people, and for machines. */
final class LedgerText {
  private static final String[] HEADINGS = {
    "call site",
    "calls",
    "completed",
    "failed",
    "cancelled",
    "timed out",
    "lost",
    "late",
    "double",
    "other misuse",
    "re-entrant",
    "dropped",
    "events",
    "in flight",
    "oldest"
  };

  /** Columns that are there even if nothing happened. */
  private static final int ALWAYS = 3;

  /** Frames at the top that say nothing: the completer, and what the shim puts before it. */
  private static final String OURS = "dev.reveille.callback";

  /** How many frames of a captured stack are told. */
  private static final int FRAMES = 3;

  private LedgerText() {}

  // ------------------------------------------------------------------ for people

  static String report(LedgerSnapshot snapshot) {
    StringBuilder text = new StringBuilder(512);
    table(text, snapshot.sites());
    for (LedgerSnapshot.Turns turns : snapshot.turns()) {
      text.append(
          String.format(
              Locale.ROOT,
              "dispatcher '%s': %d turns, of them %.1f %% callbacks, %.1f %% tasks, %.1f %%"
                  + " coroutines, %.1f %% other\n",
              printable(turns.dispatcher()),
              turns.total(),
              turns.percent(turns.callbacks()),
              turns.percent(turns.tasks()),
              turns.percent(turns.coroutines()),
              turns.percent(turns.other())));
    }
    for (LedgerSnapshot.Site site : snapshot.sites()) {
      for (CallbackMisuse misuse : site.misuses()) {
        text.append("misuse: ").append(printable(misuse.message())).append('\n');
        stack(text, misuse.begun());
        stack(text, misuse.first());
        stack(text, misuse.second());
      }
    }
    return text.toString();
  }

  /** Zeros are dots: what is not zero has to catch the eye. Columns of zeros are left out. */
  private static void table(StringBuilder text, List<LedgerSnapshot.Site> sites) {
    String[][] rows = new String[sites.size() + 1][];
    rows[0] = HEADINGS;
    int[] widths = new int[HEADINGS.length]; // zero: left out
    for (int row = 0; row < rows.length; row++) {
      if (row > 0) {
        rows[row] = cells(sites.get(row - 1));
      }
      for (int i = 0; i < widths.length; i++) {
        boolean happened = i < ALWAYS || (row > 0 && !rows[row][i].equals("."));
        if (happened || widths[i] > 0) {
          int least = Math.max(HEADINGS[i].length(), rows[row][i].length());
          widths[i] = Math.max(widths[i], least);
        }
      }
    }
    for (String[] row : rows) {
      text.append(row[0]).append(" ".repeat(widths[0] - row[0].length()));
      for (int i = 1; i < widths.length; i++) {
        if (widths[i] > 0) {
          text.append(" ".repeat(2 + widths[i] - row[i].length())).append(row[i]);
        }
      }
      text.append('\n');
    }
  }

  private static String[] cells(LedgerSnapshot.Site site) {
    long[] numbers = numbers(site);
    String[] cells = new String[HEADINGS.length];
    cells[0] = printable(site.name());
    for (int i = 0; i < numbers.length; i++) {
      cells[i + 1] = numbers[i] == 0 ? "." : Long.toString(numbers[i]);
    }
    Duration oldest = site.oldest();
    cells[numbers.length + 1] =
        oldest == null ? "." : String.format(Locale.ROOT, "%.2fs", oldest.toNanos() / 1e9);
    return cells;
  }

  /** A captured stack says in its message what was done there; an exception has a type as well. */
  private static void stack(StringBuilder text, @Nullable Throwable stack) {
    if (stack == null) {
      return;
    }
    String message = stack.getMessage();
    if (message == null || stack instanceof Exception || stack instanceof Error) {
      message = stack.toString();
    }
    text.append("  ").append(printable(message)).append('\n');
    int told = 0;
    for (StackTraceElement frame : stack.getStackTrace()) {
      if (told > 0 || !frame.getClassName().startsWith(OURS)) {
        text.append("      at ").append(frame).append('\n');
        if (++told == FRAMES) {
          return;
        }
      }
    }
  }

  // ------------------------------------------------------------------ for machines

  static String tsv(LedgerSnapshot snapshot) {
    StringBuilder text = new StringBuilder(512);
    text.append("#site\tname");
    for (int i = 1; i < HEADINGS.length - 1; i++) {
      text.append('\t').append(HEADINGS[i].replace(' ', '_').replace('-', '_'));
    }
    text.append("\toldest_ms\n");
    for (LedgerSnapshot.Site site : snapshot.sites()) {
      text.append("site\t").append(printable(site.name()));
      for (long number : numbers(site)) {
        text.append('\t').append(number);
      }
      Duration oldest = site.oldest();
      text.append('\t').append(oldest == null ? 0 : oldest.toMillis()).append('\n');
    }
    text.append("#turns\tdispatcher\tcallbacks\ttasks\tcoroutines\tother\n");
    for (LedgerSnapshot.Turns turns : snapshot.turns()) {
      text.append("turns\t").append(printable(turns.dispatcher()));
      text.append('\t').append(turns.callbacks()).append('\t').append(turns.tasks());
      text.append('\t').append(turns.coroutines()).append('\t').append(turns.other()).append('\n');
    }
    return text.toString();
  }

  private static long[] numbers(LedgerSnapshot.Site site) {
    return new long[] {
      site.calls(),
      site.completed(),
      site.failed(),
      site.cancelled(),
      site.timedOut(),
      site.lost(),
      site.late(),
      site.doubled(),
      site.otherMisuses(),
      site.reentrant(),
      site.dropped(),
      site.events(),
      site.inFlight()
    };
  }

  /** In one line and one field, whatever a program calls its calls. */
  private static String printable(String name) {
    return name.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }
}
