package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimerExampleTest {
  private static final class Peer {
    int pings;

    void ping() {
      pings++;
    }
  }

  @Test
  void oneTimerBeatsAgainAndAgain() {
    Peer peer = new Peer();
    var time = new MockTime();
    try (var dispatcher = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
      Timer timer = new Timer(dispatcher);
      timer.reset(Duration.ofSeconds(5));
      JoinHandle<Void> heartbeat =
          dispatcher.spawn(
              "heartbeat",
              Pollable.owning( // to cancel the heartbeat disarms the timer
                  List.of(timer),
                  cx -> {
                    while (timer.poll(cx).isReady()) {
                      peer.ping();
                      timer.reset(Duration.ofSeconds(5));
                    }
                    return Poll.pending();
                  }));
      time.advance(Duration.ofSeconds(14));
      assertThat(peer.pings).isEqualTo(2);
      time.advance(Duration.ofSeconds(1));
      assertThat(peer.pings).isEqualTo(3);

      heartbeat.cancel();
      dispatcher.runToCompletion();
      assertThat(timer.isPending()).isFalse();
    }
  }
}
