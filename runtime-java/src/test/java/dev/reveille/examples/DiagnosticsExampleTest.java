package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.diagnostics.Diagnostics;
import org.junit.jupiter.api.Test;

class DiagnosticsExampleTest {
  private static void runAll(RunnableDispatcher dispatcher) {
    if (dispatcher.runUntilStalled() != RunOutcome.IDLE) {
      throw new AssertionError("this should have come to its end: " + Diagnostics.dump(dispatcher));
    }
  }

  @Test
  void aTestThatHangsSaysWhoWaitsForWhat() {
    try (var dispatcher = new BasicDispatcher()) {
      runAll(dispatcher);
      dispatcher.spawn(
          "vladimir",
          cx -> {
            cx.waker("godot");
            return Poll.pending();
          });
      assertThatThrownBy(() -> runAll(dispatcher))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("vladimir")
          .hasMessageContaining("waits for: godot");
    }
  }
}
