package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.Task;
import dev.reveille.Timer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TaskExampleTest {
  static final class Countdown extends Task {
    private final Timer timer;
    private int left;

    Countdown(Dispatcher dispatcher) {
      super("countdown");
      timer = new Timer(dispatcher);
    }

    @Override
    protected void init() {
      left = 3;
      timer.reset(Duration.ofSeconds(1));
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      while (timer.poll(cx).isReady()) {
        left--;
        if (left == 0) {
          return Poll.ready();
        }
        timer.reset(Duration.ofSeconds(1));
      }
      return Poll.pending(); // the timer has arranged the wake
    }

    @Override
    protected void cleanup() {
      timer.cancel();
    }
  }

  private final MockTime time = new MockTime();

  private BasicDispatcher dispatcher() {
    return new BasicDispatcher(DispatcherOptions.defaults().withTicker(time));
  }

  @Test
  void itCountsThreeSecondsEachTimeItIsPosted() {
    try (var dispatcher = dispatcher()) {
      Countdown countdown = new Countdown(dispatcher);
      for (int stay = 0; stay < 2; stay++) {
        dispatcher.post(countdown);
        time.advance(Duration.ofMillis(2_999));
        assertThat(countdown.isPosted()).isTrue();
        time.advance(Duration.ofMillis(1));
        assertThat(countdown.isPosted()).isFalse();
      }
    }
  }

  @Test
  void aCancelledCountdownLeavesNoTimer() {
    try (var dispatcher = dispatcher()) {
      Countdown countdown = new Countdown(dispatcher);
      dispatcher.post(countdown);
      time.advance(Duration.ofSeconds(1));
      countdown.cancel();
      assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
      assertThat(countdown.timer.isPending()).isFalse();
      assertThat(countdown.left).isEqualTo(2);
    }
  }
}
