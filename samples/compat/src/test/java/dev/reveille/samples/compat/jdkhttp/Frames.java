package dev.reveille.samples.compat.jdkhttp;

import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.Delivery;
import dev.reveille.sync.PollStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a web socket brings, in its own buffers: the stage that each callback returns
 * tells the socket when it has its buffer back.
 */
final class Frames implements WebSocket.Listener {
  static final int WINDOW = 8;

  private final ConcurrentLinkedQueue<CompletionStage<?>> stages = new ConcurrentLinkedQueue<>();

  /** Before the first frame is asked for, and so before the first callback. */
  private volatile @Nullable Emitter<Delivery<ByteBuffer>> emitter;

  /** Who takes a frame acknowledges it, and asks for the next one. */
  PollStream<Delivery<ByteBuffer>> of(WebSocket socket) {
    return Callbacks.deliveries(
        "frames",
        Overflow.buffer(WINDOW),
        registered -> {
          emitter = registered;
          socket.request(WINDOW);
          return socket::abort;
        });
  }

  /** What the socket was given, one for each frame. */
  List<CompletionStage<?>> stages() {
    return List.copyOf(stages);
  }

  @Override
  public void onOpen(WebSocket socket) {
    // asks for nothing yet: nobody polls
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer bytes, boolean last) {
    CompletionStage<?> stage = Callbacks.nextAwaiting(emitter(), bytes);
    stages.add(stage);
    return stage;
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

  private Emitter<Delivery<ByteBuffer>> emitter() {
    Emitter<Delivery<ByteBuffer>> registered = emitter;
    assert registered != null;
    return registered;
  }
}
