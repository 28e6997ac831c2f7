package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Dispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class DispatcherExampleTest {
  private final List<String> log = new ArrayList<>();

  private void give(Dispatcher dispatcher, CompletableFuture<String> price) {
    dispatcher.post(() -> log.add("a callback"));
    dispatcher.spawn("a task", cx -> Poll.ready(log.add("a task")));
    price.thenAcceptAsync(p -> log.add("a future: " + p), dispatcher.asExecutor());
    dispatcher.postAfter(Duration.ofSeconds(1), () -> log.add("a second later"));
    dispatcher.shutdown(); // takes no more from outside; all of this still runs
  }

  @Test
  void allKindsOfWorkRunInOneQueueAndTheEndIsOrderly() {
    var time = new MockTime().autoAdvance();
    try (var dispatcher = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
      give(dispatcher, CompletableFuture.completedFuture("7.50"));
      assertThatThrownBy(() -> dispatcher.post(() -> log.add("too late")))
          .isInstanceOf(RejectedExecutionException.class);
      dispatcher.run();
      assertThat(dispatcher.isClosed()).isTrue();
    }
    assertThat(log).containsExactly("a callback", "a task", "a future: 7.50", "a second later");
  }
}
