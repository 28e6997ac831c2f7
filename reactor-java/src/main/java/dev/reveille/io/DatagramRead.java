package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@link UdpSocket#read}. */
final class DatagramRead extends Operation<Integer> {
  private final UdpSocket socket;
  private final ByteBuffer buffer;

  DatagramRead(UdpSocket socket, ByteBuffer buffer) {
    super("read");
    DatagramReceive.checkRoom(buffer);
    this.socket = socket;
    this.buffer = buffer;
  }

  @Override
  protected Poll<Integer> doPoll(Context cx) throws IOException {
    while (socket.pollReadable(cx).isReady()) {
      int size = socket.tryRead(buffer);
      if (size >= 0) {
        return Poll.ready(size);
      }
    }
    return Poll.pending();
  }
}
