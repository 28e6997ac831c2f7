package dev.reveille.io;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** {@link UdpSocket#send}, and {@link UdpSocket#write} where there is no address. */
final class DatagramSend extends Operation<Complete> {
  private final UdpSocket socket;
  private final ByteBuffer buffer;
  private final @Nullable SocketAddress to;

  DatagramSend(UdpSocket socket, ByteBuffer buffer, @Nullable SocketAddress to) {
    super(to == null ? "write" : "send");
    this.socket = socket;
    this.buffer = requireNonNull(buffer, "buffer");
    this.to = to;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws IOException {
    while (socket.pollWritable(cx).isReady()) {
      if (to == null ? socket.tryWrite(buffer) : socket.trySend(buffer, to)) {
        return Poll.ready();
      }
    }
    return Poll.pending();
  }
}
