package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.RcCallback;
import dev.reveille.callbacks.Shapes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ShapesExampleTest {

  // ------------------------------------------------------------------ value and error

  private record Metadata(long offset) {}

  private interface SendCallback {
    void onCompletion(Metadata metadata, @Nullable Exception failure);
  }

  /** A producer whose every second letter gets lost. */
  private static final class Producer {
    private long letters;

    void send(String letter, SendCallback callback) {
      boolean lost = letters++ % 2 == 1;
      callback.onCompletion(
          new Metadata(lost ? -1 : letters), lost ? new IOException("lost: " + letter) : null);
    }
  }

  private static Pollable<Metadata> sent(Producer producer, String letter) {
    Pollable<Metadata> sent =
        Callbacks.call(
            "send", completer -> producer.send(letter, Shapes.asBiConsumer(completer)::accept));
    return sent;
  }

  @Test
  void theErrorDecides() throws Exception {
    Producer producer = new Producer();
    try (BasicDispatcher loop = new BasicDispatcher()) {
      assertThat(loop.runUntil(sent(producer, "first")).value()).isEqualTo(new Metadata(1));
      assertThatThrownBy(() -> loop.runUntil(sent(producer, "second")))
          .isInstanceOf(IOException.class)
          .hasMessage("lost: second");
    }
  }

  // ------------------------------------------------------------------ return codes

  private interface DataCallback {
    void processResult(
        int rc,
        String path,
        @Nullable Object ctx,
        @Nullable String data,
        @Nullable Integer version);
  }

  private static final class Keeper {
    private final int rc;

    Keeper(int rc) {
      this.rc = rc;
    }

    void getData(String path, DataCallback callback, @Nullable Object ctx) {
      callback.processResult(rc, path, ctx, rc == 0 ? "text" : null, rc == 0 ? 3 : null);
    }
  }

  private record Node(String data, int version) {}

  private static final class KeeperFailure extends Exception {
    private static final long serialVersionUID = 1;

    private KeeperFailure(int rc) {
      super("rc " + rc);
    }

    static @Nullable KeeperFailure of(int rc) {
      return rc == 0 ? null : new KeeperFailure(rc);
    }
  }

  private static Pollable<Node> node(Keeper keeper) {
    Pollable<Node> node =
        Callbacks.call(
            "node",
            completer -> {
              RcCallback<Node> answer = Shapes.rc(completer, KeeperFailure::of); // null for 0
              keeper.getData(
                  "/config",
                  (rc, path, ctx, data, version) ->
                      answer.acceptFrom(rc, () -> new Node(data, version)),
                  null);
            });
    return node;
  }

  @Test
  void theReturnCodeDecides() throws Exception {
    try (BasicDispatcher loop = new BasicDispatcher()) {
      assertThat(loop.runUntil(node(new Keeper(0))).value()).isEqualTo(new Node("text", 3));
      assertThatThrownBy(() -> loop.runUntil(node(new Keeper(-101))))
          .isInstanceOf(KeeperFailure.class)
          .hasMessage("rc -101");
    }
  }
}
