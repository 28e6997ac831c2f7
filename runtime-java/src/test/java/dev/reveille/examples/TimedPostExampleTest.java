package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Dispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.MockTime;
import dev.reveille.TimedPost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TimedPostExampleTest {
  private final List<String> log = new ArrayList<>();
  private final MockTime time = new MockTime();

  private static final class Client {
    Consumer<String> answer = text -> {};

    void ask(String question, Consumer<String> callback) {
      answer = callback;
    }
  }

  private void askInTime(Dispatcher dispatcher, Client client) {
    TimedPost timeout = dispatcher.postAfter(Duration.ofSeconds(5), () -> log.add("no answer"));
    client.ask(
        "how are you?",
        answer -> { // any thread
          if (timeout.cancel()) { // false: the time was over first
            dispatcher.post(() -> log.add(answer));
          }
        });
  }

  @Test
  void anAnswerInTimeTakesTheTimeOutBack() {
    Client client = new Client();
    try (var dispatcher = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
      askInTime(dispatcher, client);
      time.advance(Duration.ofSeconds(4));
      client.answer.accept("fine");
      time.advance(Duration.ofSeconds(4));
    }
    assertThat(log).containsExactly("fine");
  }

  @Test
  void anAnswerThatIsLateIsDropped() {
    Client client = new Client();
    try (var dispatcher = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
      askInTime(dispatcher, client);
      time.advance(Duration.ofSeconds(5));
      client.answer.accept("fine");
      time.advance(Duration.ofSeconds(4));
    }
    assertThat(log).containsExactly("no answer");
  }
}
