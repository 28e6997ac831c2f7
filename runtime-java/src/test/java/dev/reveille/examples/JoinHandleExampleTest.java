package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class JoinHandleExampleTest {
  private final List<String> mails = new ArrayList<>();
  private final List<Runnable> onClose = new ArrayList<>();

  private JoinHandle<Boolean> start(Dispatcher dispatcher, Pollable<String> query) {
    JoinHandle<String> report = dispatcher.spawn("report", query);
    onClose.add(report::cancel); // any thread; whoever joins then gets a CancellationException

    Pollable<String> join = report.join();
    JoinHandle<Boolean> mail =
        dispatcher.spawn(
            "mail",
            Pollable.owning(List.of(join), cx -> join.poll(cx).map(text -> mails.add(text))));
    return mail;
  }

  @Test
  void oneTaskWaitsForTheResultOfAnother() {
    try (var dispatcher = new BasicDispatcher()) {
      start(dispatcher, cx -> Poll.ready("all is well"));
      dispatcher.runToCompletion();
    }
    assertThat(mails).containsExactly("all is well");
  }

  @Test
  void whoeverJoinsATaskThatIsCancelledIsTold() {
    try (var dispatcher = new BasicDispatcher()) {
      CompletableFuture<Boolean> mail = start(dispatcher, cx -> cx.park()).toCompletableFuture();
      dispatcher.runUntilStalled();
      onClose.forEach(Runnable::run);
      dispatcher.runToCompletion();
      assertThatThrownBy(mail::join).isInstanceOf(CancellationException.class);
    }
    assertThat(mails).isEmpty();
  }
}
