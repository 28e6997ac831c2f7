package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.TaskLocal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskLocalExampleTest {
  @Test
  void aValueFollowsIntoWhatIsSpawned() {
    List<String> log = new ArrayList<>();
    try (var dispatcher = new BasicDispatcher()) {
      TaskLocal<String> requestId = TaskLocal.named("request id");
      dispatcher.spawn(
          "handler",
          requestId.bind(
              "r-17",
              cx -> {
                cx.dispatcher().spawn("audit", inner -> Poll.ready(log.add(requestId.get(inner))));
                return Poll.ready();
              }));
      dispatcher.runToCompletion();
    }
    assertThat(log).containsExactly("r-17");
  }
}
