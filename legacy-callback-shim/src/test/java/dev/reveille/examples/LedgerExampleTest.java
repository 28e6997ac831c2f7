package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.MisusePolicy;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.ledger.LedgerSnapshot;
import dev.reveille.callbacks.ledger.MigrationLedger;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerExampleTest {

  List<String> suspects(RunnableDispatcher dispatcher) {
    try (MigrationLedger ledger = MigrationLedger.attach(dispatcher)) {
      dispatcher.runToCompletion();
      return ledger.snapshot().sites().stream()
          .filter(LedgerSnapshot.Site::isMisused)
          .map(site -> site.name() + ": " + site.doubled() + " of " + site.calls() + " came twice")
          .toList();
    }
  }

  @Test
  void aLedgerTellsWhichLibraryIsToBeLookedInto() {
    try (var dispatcher = new BasicDispatcher()) {
      CallOptions<String> quietly =
          CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.IGNORE);
      dispatcher.spawn(Callbacks.<String>call("good", quietly, c -> c.complete("once")));
      dispatcher.spawn(
          Callbacks.<String>call(
              "bad",
              quietly,
              c -> {
                c.complete("once");
                c.complete("twice");
              }));
      assertThat(suspects(dispatcher)).containsExactly("bad: 1 of 1 came twice");
    }
  }

  @Test
  void aTestLetsNothingPass() {
    try (var dispatcher = new BasicDispatcher();
        var ledger = MigrationLedger.attach(dispatcher)) {
      dispatcher.spawn(Callbacks.<Integer>call("balance", c -> c.complete(100)));
      dispatcher.runToCompletion();

      assertThat(ledger.snapshot().sites()).noneMatch(LedgerSnapshot.Site::isMisused);
      assertThat(ledger.snapshot().site("balance").inFlight()).isZero();
    }
  }
}
