package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.spi.ExecutorHost;
import dev.reveille.spi.HostedDispatcher;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class HostedDispatcherExampleTest {
  private static String callPool() throws Exception {
    var pool = Executors.newScheduledThreadPool(3);
    try (var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool))) {
      JoinHandle<String> task = dispatcher.spawn("a task", cx -> Poll.ready("run by the pool"));
      return task.toCompletableFuture().get();
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void itRunsByItself() throws Exception {
    assertThat(callPool()).isEqualTo("run by the pool");
  }
}
