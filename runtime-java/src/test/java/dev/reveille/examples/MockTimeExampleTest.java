package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.MockTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MockTimeExampleTest {
  @Test
  void anHourPassesAtOnce() {
    List<String> log = new ArrayList<>();
    var time = new MockTime();
    try (var dispatcher = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
      dispatcher.postAfter(Duration.ofHours(1), () -> log.add("an hour later"));
      time.advance(Duration.ofMinutes(59));
      assertThat(log).isEmpty();
      time.advance(Duration.ofMinutes(1)); // runs it, on this thread
      assertThat(log).containsExactly("an hour later");
    }
    assertThat(time.read()).isEqualTo(Duration.ofHours(1).toNanos());
  }
}
