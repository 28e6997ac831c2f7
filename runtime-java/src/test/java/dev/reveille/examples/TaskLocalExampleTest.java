package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.TaskLocal;
import dev.reveille.TaskLocals;
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

  @Test
  void aSegmentRunsWithTheValuesOfTheTaskThatMadeIt() {
    List<String> log = new ArrayList<>();
    TaskLocal<String> requestId = TaskLocal.named("request id");
    try (var dispatcher = new BasicDispatcher()) {
      Runnable body = () -> dispatcher.spawn("audit", cx -> Poll.ready(log.add(requestId.get(cx))));
      dispatcher.spawn(
          "handler",
          requestId.bind(
              "r-17",
              cx -> {
                TaskLocals values = TaskLocals.current(); // of the task that makes the segment
                Runnable segment =
                    () -> {
                      TaskLocals before = TaskLocals.exchange(values);
                      try {
                        body.run();
                      } finally {
                        TaskLocals.exchange(before);
                      }
                    };
                dispatcher.post(segment);
                return Poll.ready();
              }));
      dispatcher.runToCompletion();
    }
    assertThat(log).containsExactly("r-17");
  }
}
