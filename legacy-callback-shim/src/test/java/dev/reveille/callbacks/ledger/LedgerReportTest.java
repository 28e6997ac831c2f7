package dev.reveille.callbacks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.callback.CallbackMisuse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The report of a ledger, word by word. */
class LedgerReportTest {

  private static LedgerSnapshot.Site site(String name, CallbackMisuse... misuses) {
    return new LedgerSnapshot.Site(
        name,
        12,
        8,
        1,
        1,
        1,
        0,
        1,
        misuses.length,
        0,
        0,
        0,
        0,
        1,
        List.of(Duration.ofMillis(1_250)),
        List.of(misuses));
  }

  private static LedgerSnapshot.Site idle(String name) {
    return new SiteSum().site(name);
  }

  private static Throwable at(String what, String method, int line) {
    Throwable stack = new Throwable(what);
    stack.setStackTrace(
        new StackTraceElement[] {
          new StackTraceElement(
              "dev.reveille.callback.Completer", "complete", "Completer.java", 90),
          new StackTraceElement("legacy.Client", method, "Client.java", line),
          new StackTraceElement("legacy.Client", "run", "Client.java", 7)
        });
    return stack;
  }

  @Test
  void aSiteIsALineZerosAreDotsAndWhatNeverHappenedHasNoColumn() {
    LedgerSnapshot snapshot =
        new LedgerSnapshot(
            List.of(site("read"), idle("watch the file")),
            List.of(new LedgerSnapshot.Turns("main", 120, 60, 20, 0)));
    assertThat(snapshot.report())
        .isEqualTo(
            """
            call site       calls  completed  failed  cancelled  timed out  late  in flight  oldest
            read               12          8       1          1          1     1          1   1.25s
            watch the file      .          .       .          .          .     .          .       .
            dispatcher 'main': 200 turns, of them 60.0 % callbacks, 30.0 % tasks, 10.0 % coroutines, \
            0.0 % other
            """);
    assertThat(snapshot).hasToString(snapshot.report());
  }

  @Test
  void aMisuseIsToldWithWhereItHappened() {
    CallbackMisuse misuse =
        new CallbackMisuse(
            CallbackMisuse.Kind.DOUBLE_COMPLETION,
            "read",
            null,
            at("'read' was completed first by thread 'io'", "onData", 20),
            at("'read' was completed again by thread 'io'", "onClose", 31));
    LedgerSnapshot snapshot = new LedgerSnapshot(List.of(site("read", misuse)), List.of());
    assertThat(snapshot.report())
        .endsWith(
            """
            misuse: 'read' was completed more than once; the first completion counts
              'read' was completed first by thread 'io'
                  at legacy.Client.onData(Client.java:20)
                  at legacy.Client.run(Client.java:7)
              'read' was completed again by thread 'io'
                  at legacy.Client.onClose(Client.java:31)
                  at legacy.Client.run(Client.java:7)
            """);
  }

  @Test
  void whatAnInitiatorThrewIsToldWithItsType() {
    Exception thrown = new IllegalArgumentException("no such file");
    thrown.setStackTrace(new StackTraceElement[0]);
    CallbackMisuse misuse =
        new CallbackMisuse(CallbackMisuse.Kind.THREW_AFTER_COMPLETION, "read", null, null, thrown);
    LedgerSnapshot snapshot = new LedgerSnapshot(List.of(site("read", misuse)), List.of());
    assertThat(snapshot.report())
        .endsWith("\n  java.lang.IllegalArgumentException: no such file\n");
  }

  @Test
  void anEmptyLedgerIsAHeadingAndADispatcherWithoutTurnsHasNoNaN() {
    LedgerSnapshot snapshot =
        new LedgerSnapshot(List.of(), List.of(new LedgerSnapshot.Turns("main", 0, 0, 0, 0)));
    assertThat(snapshot.report().lines()).hasSize(2);
    assertThat(snapshot.report())
        .contains("0 turns, of them 0.0 % callbacks")
        .doesNotContain("NaN");
    assertThat(snapshot.turns().get(0).callbackPercent()).isZero();
  }

  @Test
  void machinesGetFieldsSeparatedByTabs() {
    LedgerSnapshot snapshot =
        new LedgerSnapshot(
            List.of(site("read"), idle("tab\there, and\nback\\slash")),
            List.of(new LedgerSnapshot.Turns("main", 120, 60, 20, 1)));
    assertThat(snapshot.tsv().lines())
        .containsExactly(
            "#site\tname\tcalls\tcompleted\tfailed\tcancelled\ttimed_out\tlost\tlate\tdouble"
                + "\tother_misuse\tre_entrant\tdropped\tevents\tin_flight\toldest_ms",
            "site\tread\t12\t8\t1\t1\t1\t0\t1\t0\t0\t0\t0\t0\t1\t1250",
            "site\ttab\\there, and\\nback\\\\slash\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0",
            "#turns\tdispatcher\tcallbacks\ttasks\tcoroutines\tother",
            "turns\tmain\t120\t60\t20\t1");
  }

  @Test
  void namesDoNotBreakTheLinesOfTheTable() {
    LedgerSnapshot snapshot = new LedgerSnapshot(List.of(idle("two\nlines")), List.of());
    assertThat(snapshot.report().lines()).hasSize(2);
    assertThat(snapshot.report()).contains("two\\nlines");
  }

  @Test
  void aCarriageReturnIsEscapedToo() {
    assertThat(new LedgerSnapshot(List.of(idle("a\rb")), List.of()).tsv()).contains("a\\rb");
  }
}
