package dev.reveille.samples.compat.jdkhttp;

import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a web socket brings, as a stream. The socket is asked for as many messages as there is room
 * for, and for one more whenever one is taken, so it never brings one too many.
 */
final class Messages implements WebSocket.Listener {
  static final int WINDOW = 8;

  private final StringBuilder message = new StringBuilder();

  /** Before the first message is asked for, and so before the first callback. */
  private volatile @Nullable Emitter<String> emitter;

  private volatile int parts;

  /** Aborts the socket when it is given up. */
  PollStream<String> of(WebSocket socket) {
    return Callbacks.<String>stream(
            "messages",
            Overflow.buffer(WINDOW), // one too many would fail the stream
            registered -> {
              emitter = registered;
              socket.request(WINDOW);
              return socket::abort;
            })
        .onEach(taken -> socket.request(1));
  }

  /** In how many parts the messages have come. */
  int parts() {
    return parts;
  }

  @Override
  public void onOpen(WebSocket socket) {
    // asks for nothing yet: nobody polls
  }

  @Override
  @SuppressWarnings("NonAtomicOperationOnVolatileField") // its callbacks come one after the other
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
    parts++;
    message.append(part);
    if (last) {
      String whole = message.toString();
      message.setLength(0);
      emitter().next(whole);
    } else {
      socket.request(1); // the rest of it does not count
    }
    return null; // the part was copied: its buffer may be used again
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
    emitter().complete();
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable failure) {
    emitter().fail(failure);
  }

  private Emitter<String> emitter() {
    Emitter<String> registered = emitter;
    assert registered != null;
    return registered;
  }
}
