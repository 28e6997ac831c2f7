package dev.reveille.callbacks;

import dev.reveille.callback.CallbackMisuse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A {@link LedgerSnapshot} in words: for people, and for machines. */
final class LedgerText {
  private static final List<String> COLUMNS =
      List.of(
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
          "oldest");

  /** Frames at the top that say nothing: the completer, and what the shim puts before it. */
  private static final String OURS = "dev.reveille.callback";

  /** How many frames of a captured stack are told. */
  private static final int FRAMES = 3;

  private LedgerText() {}

  // ------------------------------------------------------------------ for people

  static String report(LedgerSnapshot snapshot) {
    StringBuilder text = new StringBuilder(512);
    List<List<String>> rows = snapshot.sites().stream().map(LedgerText::cells).toList();
    List<Column> columns = columns(rows);
    List<String> names = new ArrayList<>();
    names.add("call site");
    snapshot.sites().forEach(site -> names.add(printable(site.name())));
    int width = names.stream().mapToInt(String::length).max().orElse(0);
    for (int row = 0; row < names.size(); row++) {
      String name = names.get(row);
      text.append(name).append(" ".repeat(width - name.length()));
      for (Column column : columns) {
        String cell = column.cells.get(row);
        text.append("  ").append(" ".repeat(column.width() - cell.length())).append(cell);
      }
      text.append('\n');
    }
    snapshot.turns().forEach(turns -> turns(text, turns));
    for (LedgerSnapshot.Site site : snapshot.sites()) {
      site.misuses().forEach(misuse -> misuse(text, misuse));
    }
    return text.toString();
  }

  /** Zeros are dots: what is not zero has to catch the eye. */
  private static List<String> cells(LedgerSnapshot.Site site) {
    List<String> cells = new ArrayList<>();
    for (long number : numbers(site)) {
      cells.add(number == 0 ? "." : Long.toString(number));
    }
    Duration oldest = site.oldest();
    cells.add(oldest == null ? "." : seconds(oldest));
    return cells;
  }

  /** With its heading. */
  private record Column(List<String> cells) {
    int width() {
      return cells.stream().mapToInt(String::length).max().orElse(0);
    }
  }

  /** Without those of what did not happen anywhere, but for the first two. */
  private static List<Column> columns(List<List<String>> rows) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < COLUMNS.size(); i++) {
      List<String> cells = new ArrayList<>();
      boolean happened = i < 2;
      for (List<String> row : rows) {
        String cell = row.get(i);
        cells.add(cell);
        happened |= !cell.equals(".");
      }
      if (happened) {
        cells.add(0, COLUMNS.get(i));
        columns.add(new Column(cells));
      }
    }
    return columns;
  }

  private static void turns(StringBuilder text, LedgerSnapshot.Turns turns) {
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

  private static void misuse(StringBuilder text, CallbackMisuse misuse) {
    text.append("misuse: ").append(printable(misuse.message())).append('\n');
    site(text, misuse.begun());
    site(text, misuse.first());
    site(text, misuse.second());
  }

  /** A captured stack says in its message what was done there; an exception has a type as well. */
  private static void site(StringBuilder text, @Nullable Throwable stack) {
    if (stack == null) {
      return;
    }
    String message = stack.getMessage();
    boolean thrown = message == null || stack instanceof Exception || stack instanceof Error;
    text.append("  ").append(printable(thrown ? stack.toString() : message)).append('\n');
    Arrays.stream(stack.getStackTrace())
        .dropWhile(frame -> frame.getClassName().startsWith(OURS))
        .limit(FRAMES)
        .forEach(frame -> text.append("      at ").append(frame).append('\n'));
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.2fs", duration.toNanos() / 1e9);
  }

  // ------------------------------------------------------------------ for machines

  static String tsv(LedgerSnapshot snapshot) {
    StringBuilder text = new StringBuilder(512);
    text.append("#site\tname");
    for (String column : COLUMNS.subList(0, COLUMNS.size() - 1)) {
      text.append('\t').append(column.replace(' ', '_').replace('-', '_'));
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
