package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** {@link UdpSocket#receive}. */
final class DatagramReceive extends Operation<SocketAddress> {
  private final UdpSocket socket;
  private final ByteBuffer buffer;

  DatagramReceive(UdpSocket socket, ByteBuffer buffer) {
    super("receive");
    checkRoom(buffer);
    this.socket = socket;
    this.buffer = buffer;
  }

  /** A datagram that finds no room is taken from the system, and gone. */
  static void checkRoom(ByteBuffer buffer) {
    if (buffer.isReadOnly() || !buffer.hasRemaining()) {
      throw new IllegalArgumentException(
          "a datagram would be lost in a buffer "
              + (buffer.isReadOnly() ? "that is read-only: " : "without room: ")
              + buffer);
    }
  }

  @Override
  protected Poll<SocketAddress> doPoll(Context cx) throws IOException {
    while (socket.pollReadable(cx).isReady()) {
      SocketAddress source = socket.tryReceive(buffer);
      if (source != null) {
        return Poll.ready(source);
      }
    }
    return Poll.pending();
  }
}
