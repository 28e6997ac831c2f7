package dev.reveille.examples;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import dev.reveille.contract.Rig;
import dev.reveille.spi.Host;
import dev.reveille.spi.HostedDispatcher;
import java.awt.EventQueue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HostExampleTest {
  static final class EventQueueHost implements Host {
    private final ScheduledExecutorService clock;
    private Future<?> wakeup = CompletableFuture.completedFuture(null);

    EventQueueHost(ScheduledExecutorService clock) {
      this.clock = clock;
    }

    @Override
    public void execute(Runnable drain) {
      EventQueue.invokeLater(drain);
    }

    @Override
    public void wakeAfter(long nanos, Runnable drain) {
      wakeup.cancel(false);
      if (nanos != Long.MAX_VALUE) {
        wakeup = clock.schedule(() -> EventQueue.invokeLater(drain), nanos, NANOSECONDS);
      }
    }

    @Override
    public boolean inHost() {
      return EventQueue.isDispatchThread();
    }
  }

  @Test
  void aTaskRunsOnTheEventThreadNowAndAfterATime() throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (var dispatcher = HostedDispatcher.on(new EventQueueHost(clock))) {
      Timer timer = new Timer(dispatcher);
      JoinHandle<Boolean> task =
          dispatcher.spawn(
              "a task",
              Pollable.owning(
                  List.of(timer),
                  cx -> {
                    if (!timer.isPending() && !timer.hasFired()) {
                      timer.reset(Duration.ofMillis(1));
                    }
                    return timer.poll(cx).map(fired -> EventQueue.isDispatchThread());
                  }));
      assertThat(task.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .isTrue();
    } finally {
      clock.shutdownNow();
    }
  }
}
