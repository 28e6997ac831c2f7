package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;

/** {@link TcpListener#accept}. */
final class AcceptOperation extends Operation<TcpStream> {
  private final TcpListener listener;

  AcceptOperation(TcpListener listener) {
    super("accept");
    this.listener = listener;
  }

  @Override
  protected Poll<TcpStream> doPoll(Context cx) throws IOException {
    return listener.pollAccept(cx);
  }
}
