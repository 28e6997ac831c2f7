package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TickerExampleTest {
  private record Trade(long nanos, String what) {}

  @Test
  void aRecordingIsReplayedOnItsOwnClock() {
    List<String> log = new ArrayList<>();
    List<Trade> recording =
        List.of(
            new Trade(Duration.ofSeconds(1).toNanos(), "buy"),
            new Trade(Duration.ofSeconds(9).toNanos(), "sell"));
    AtomicLong now = new AtomicLong();
    Ticker recorded = now::get; // the time of the trade that is replayed
    var options = DispatcherOptions.defaults().withTicker(recorded);
    try (var dispatcher = new BasicDispatcher(options)) {
      dispatcher.postAfter(Duration.ofSeconds(5), () -> log.add("five seconds"));
      for (Trade trade : recording) {
        now.set(trade.nanos());
        dispatcher.runUntilStalled(); // what was due before the trade
        dispatcher.post(() -> log.add(trade.what()));
      }
      dispatcher.runUntilStalled();
    }
    assertThat(log).containsExactly("buy", "five seconds", "sell");
  }
}
