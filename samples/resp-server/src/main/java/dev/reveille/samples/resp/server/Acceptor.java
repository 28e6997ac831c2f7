package dev.reveille.samples.resp.server;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;

/**
 * Accepts connections until the listener is closed. When the system gives no more of them, the
 * listener itself waits and tries again.
 */
final class Acceptor extends Task {
  private final TcpListener listener;
  private final Consumer<TcpStream> onAccept;

  Acceptor(TcpListener listener, Consumer<TcpStream> onAccept) {
    super("acceptor");
    this.listener = listener;
    this.onAccept = onAccept;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws IOException {
    try {
      for (; ; ) {
        Poll<TcpStream> accepted = listener.pollAccept(cx);
        if (accepted.isPending()) {
          return Poll.pending();
        }
        onAccept.accept(accepted.value());
      }
    } catch (ClosedChannelException e) {
      return Poll.ready();
    }
  }
}
