package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.DispatcherOptions;
import dev.reveille.Interval;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntervalExampleTest {
  @Test
  void aTickEachSecond() {
    MockTime time = new MockTime();
    List<String> log = new ArrayList<>();
    try (var loop = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
      Interval interval =
          Interval.every(loop, Duration.ofSeconds(1)).onMissed(Interval.Missed.SKIP);
      Pollable<Complete> body =
          cx -> {
            while (interval.pollTick(cx).isReady()) {
              log.add("tick of " + interval.lastTick());
            }
            return Poll.pending();
          };
      loop.spawn(body);
      time.advance(Duration.ofSeconds(2));
    }
    assertThat(log).containsExactly("tick of 0", "tick of 1000000000", "tick of 2000000000");
  }
}
