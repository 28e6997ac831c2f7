package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.spi.ExecutorHost;
import dev.reveille.spi.HostedDispatcher;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

class ExecutorHostExampleTest {
  private static Map<String, Integer> count(String text) throws InterruptedException {
    ScheduledExecutorService pool = Executors.newScheduledThreadPool(3);
    HostedDispatcher dispatcher = HostedDispatcher.on(ExecutorHost.of(pool));
    Map<String, Integer> words = new HashMap<>(); // a plain one: one drain runs at a time
    for (String word : text.split(" ")) {
      dispatcher.post(() -> words.merge(word, 1, Integer::sum));
    }
    dispatcher.shutdown(); // what was posted still runs
    boolean done = dispatcher.awaitClosed(Duration.ofSeconds(10));
    pool.shutdown();
    assertThat(done).isTrue();
    return words;
  }

  @Test
  void threeThreadsCountWithoutALock() throws Exception {
    assertThat(count("to be or not to be " + "so ".repeat(5_000)))
        .containsEntry("be", 2)
        .containsEntry("so", 5_000)
        .hasSize(5);
  }
}
