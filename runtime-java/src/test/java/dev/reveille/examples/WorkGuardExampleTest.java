package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.WorkGuard;
import java.io.BufferedReader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkGuardExampleTest {
  @Test
  void theLoopWaitsForAThreadThatReads() throws Exception {
    List<String> log = new ArrayList<>();
    BufferedReader in = new BufferedReader(new StringReader("one\ntwo\nthree\n"));
    try (var dispatcher = new BasicDispatcher()) {
      WorkGuard guard = dispatcher.workGuard();
      Thread reader =
          new Thread(
              () -> {
                try (guard) {
                  in.lines().forEach(line -> dispatcher.post(() -> log.add(line)));
                }
              });
      reader.start();
      RunOutcome outcome = dispatcher.runToCompletion(); // IDLE, after the last line
      assertThat(outcome).isEqualTo(RunOutcome.IDLE);
      assertThat(log).containsExactly("one", "two", "three");
      assertThat(guard.isClosed()).isTrue();
      reader.join();
    }
  }
}
