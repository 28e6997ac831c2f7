package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a dispatcher can be given, and what it refuses. */
final class DispatcherOptionsTest {
  private static final DispatcherOptions DEFAULTS = DispatcherOptions.defaults();

  @Test
  void theDefaultsAreThoseOfTheDesign() {
    assertThat(DEFAULTS.pollsPerTurn()).isEqualTo(64);
    assertThat(DEFAULTS.budget()).isEqualTo(128);
    assertThat(DEFAULTS.timerSlack()).isZero();
    assertThat(DEFAULTS.spins()).isZero();
    assertThat(DEFAULTS.ticker()).isSameAs(Ticker.system());
  }

  @Test
  void eachCopyChangesOneThingAndLeavesTheOriginal() {
    MockTime time = new MockTime();
    UncaughtHandler handler = (dispatcher, name, failure) -> {};
    DispatcherOptions changed =
        DEFAULTS
            .withName("name")
            .withTicker(time)
            .withUncaughtHandler(handler)
            .withPollsPerTurn(1)
            .withBudget(2)
            .withTimerSlack(Duration.ofNanos(3))
            .withSpins(4);

    assertThat(changed)
        .isEqualTo(new DispatcherOptions("name", time, handler, 1, 2, Duration.ofNanos(3), 4));
    assertThat(DEFAULTS.name()).isEqualTo("dispatcher");
    assertThat(changed.withName("other").budget()).isEqualTo(2);
  }

  @Test
  void whatIsTooSmallIsRefusedByName() {
    assertThatThrownBy(() -> DEFAULTS.withPollsPerTurn(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pollsPerTurn must be at least 1: 0");
    assertThatThrownBy(() -> DEFAULTS.withBudget(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("budget must be at least 1: 0");
    assertThatThrownBy(() -> DEFAULTS.withSpins(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("spins must be at least 0: -1");
    assertThatThrownBy(() -> DEFAULTS.withTimerSlack(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timerSlack");
  }

  @Test
  void whatIsMissingIsRefusedByName() {
    assertThatThrownBy(() -> DEFAULTS.withName(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("name");
    assertThatThrownBy(() -> DEFAULTS.withTicker(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("ticker");
    assertThatThrownBy(() -> DEFAULTS.withUncaughtHandler(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("uncaughtHandler");
    assertThatThrownBy(() -> new BasicDispatcher(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("options");
  }
}
