package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.DispatcherOptions;
import dev.reveille.Poll;
import dev.reveille.Waker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ContextExampleTest {
  static final class Mailbox {
    private final Queue<String> letters = new ArrayDeque<>();
    private Waker reader = Waker.none();

    Poll<String> pollReceive(Context cx) {
      if (letters.isEmpty()) {
        reader = cx.waker("a letter"); // the waker is kept, the context is not
        return Poll.pending();
      }
      if (!cx.tryProceed()) {
        return Poll.pending(); // enough for this turn: the task is queued again
      }
      return Poll.ready(letters.remove());
    }

    void deliver(String letter) { // on the loop
      letters.add(letter);
      reader.wake();
    }
  }

  @Test
  void aReaderSleepsAtAnEmptyBoxAndLetsOthersRunBesideAFullOne() {
    Mailbox mailbox = new Mailbox();
    List<String> log = new ArrayList<>();
    try (var dispatcher = new BasicDispatcher(DispatcherOptions.defaults().withBudget(2))) {
      dispatcher.spawn(
          "reader",
          cx -> {
            for (; ; ) {
              Poll<String> letter = mailbox.pollReceive(cx);
              if (letter.isPending()) {
                return Poll.pending();
              }
              log.add(letter.value());
            }
          });
      dispatcher.runUntilStalled();
      assertThat(dispatcher.snapshot().tasks().get(0).waitReason()).isEqualTo("a letter");

      dispatcher.post(
          () -> {
            for (String letter : List.of("a", "b", "c", "d", "e")) {
              mailbox.deliver(letter);
            }
          });
      dispatcher.post(() -> log.add("a neighbour"));
      dispatcher.post(() -> dispatcher.post(() -> log.add("a later neighbour")));
      dispatcher.runUntilStalled();

      assertThat(log).containsExactly("a neighbour", "a", "b", "a later neighbour", "c", "d", "e");
    }
  }
}
