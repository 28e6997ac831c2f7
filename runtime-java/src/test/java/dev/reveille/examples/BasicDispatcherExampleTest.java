package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BasicDispatcherExampleTest {
  @Test
  void itRunsUntilNoWorkIsLeft() {
    List<String> log = new ArrayList<>();
    try (var dispatcher = new BasicDispatcher()) {
      dispatcher.post(() -> log.add("a callback"));
      dispatcher.spawn("a task", cx -> Poll.ready(log.add("a task")));
      dispatcher.runToCompletion(); // parks while all of it waits
    }
    assertThat(log).containsExactly("a callback", "a task");
  }
}
