package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.RunOutcome;
import dev.reveille.UncaughtHandler;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UncaughtHandlerExampleTest {
  @Test
  void theLoopSurvivesAnExceptionAndIsStoppedForAnError() {
    List<String> log = new ArrayList<>();
    UncaughtHandler handler =
        (dispatcher, name, failure) -> {
          log.add(name + ": " + failure.getMessage());
          if (failure instanceof Error) {
            dispatcher.stop(); // this program goes no further; the loop would
          }
        };
    var options = DispatcherOptions.defaults().withUncaughtHandler(handler);
    try (var dispatcher = new BasicDispatcher(options)) {
      dispatcher.spawn(
          "parser",
          cx -> {
            throw new IllegalArgumentException("bad input");
          });
      dispatcher.spawn(
          "linker",
          cx -> {
            throw new LinkageError("no such class");
          });
      dispatcher.post(() -> log.add("not run"));
      assertThat(dispatcher.runToCompletion()).isEqualTo(RunOutcome.STOPPED);
    }
    assertThat(log).containsExactly("parser: bad input", "linker: no such class");
  }
}
