package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.callback.Completer;
import dev.reveille.contract.Rig;
import dev.reveille.spi.HostedDispatcher;
import dev.reveille.spi.SwingHost;
import java.awt.EventQueue;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.swing.JLabel;
import org.junit.jupiter.api.Test;

class SwingHostExampleTest {
  /** A label that remembers who wrote on it. Works in a headless JVM. */
  private static final class Label extends JLabel {
    private static final long serialVersionUID = 1;

    @Override
    public void setText(String text) {
      super.setText(text + (EventQueue.isDispatchThread() ? "" : ", by another thread"));
    }
  }

  @Test
  void aTaskWritesOnALabel() throws Exception {
    CompletableFuture<Completer<String>> asked = new CompletableFuture<>();
    Pollable<String> answer = Completer.pollable("answer", asked::complete);
    Label label = new Label();
    HostedDispatcher dispatcher = HostedDispatcher.on(SwingHost.create());
    JoinHandle<Complete> shown =
        dispatcher.spawn(
            "show the answer",
            Pollable.owning(
                List.of(answer),
                cx -> {
                  Poll<String> text = answer.poll(cx);
                  if (text.isPending()) {
                    return Poll.pending(); // the event thread goes on with its events
                  }
                  label.setText(text.value()); // on the event thread
                  return Poll.ready();
                }));
    asked.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS).complete("42"); // on this thread
    shown.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    dispatcher.close();
    assertThat(label.getText()).isEqualTo("42");
  }
}
