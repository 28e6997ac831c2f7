package dev.reveille.io.hostile;

import dev.reveille.contract.Rig;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;

/** One end of a connection, in the hands of the test: a blocking socket that can be rude. */
final class Peer implements AutoCloseable {
  private final Socket socket;

  Peer(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout((int) Rig.PATIENCE.toMillis()); // a defect ends the test, and by name
    socket.setTcpNoDelay(true);
  }

  static Peer connect(SocketAddress address) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(address, (int) Rig.PATIENCE.toMillis());
      return new Peer(socket);
    } catch (Throwable t) {
      socket.close();
      throw t;
    }
  }

  /** One whose system takes only a few kilobytes that it does not read. */
  static Peer connectWithLittleRoom(SocketAddress address) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setReceiveBufferSize(4096); // before the connection, to count in its window
      socket.connect(address, (int) Rig.PATIENCE.toMillis());
      return new Peer(socket);
    } catch (Throwable t) {
      socket.close();
      throw t;
    }
  }

  void send(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Exactly so many bytes. */
  byte[] receive(int n) throws IOException {
    byte[] bytes = socket.getInputStream().readNBytes(n);
    if (bytes.length < n) {
      throw new EOFException("the end after " + bytes.length + " of " + n + " bytes");
    }
    return bytes;
  }

  /** A byte, or -1 at the end. */
  int receive() throws IOException {
    return socket.getInputStream().read();
  }

  /** Sends the end of the stream, and goes on reading. */
  void finish() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends the connection with RST in place of FIN: what was not sent is thrown away. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** Without TIME_WAIT: thousands of these may come and go in a test. */
  @Override
  public void close() throws IOException {
    if (!socket.isClosed()) {
      reset();
    }
  }
}
