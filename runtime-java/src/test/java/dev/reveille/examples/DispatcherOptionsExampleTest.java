package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.MockTime;
import dev.reveille.Ticker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DispatcherOptionsExampleTest {
  @Test
  void whatIsNotGivenHasItsDefault() {
    Ticker clock = new MockTime();
    DispatcherOptions options =
        DispatcherOptions.defaults()
            .withName("market data")
            .withTicker(clock)
            .withTimerSlack(Duration.ofMillis(1));
    var dispatcher = new BasicDispatcher(options);
    try (dispatcher) {
      assertThat(dispatcher.name()).isEqualTo("market data");
      assertThat(dispatcher.ticker()).isSameAs(clock);
      assertThat(options.timerSlack()).isEqualTo(Duration.ofMillis(1));
      assertThat(options.budget()).isEqualTo(128);
    }
  }
}
