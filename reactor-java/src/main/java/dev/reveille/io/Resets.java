package dev.reveille.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * Tells a reset connection from other failures.
 *
 * <p>For reads the JDK does it itself: ECONNRESET and EPIPE become a {@code SocketException} with
 * the constant text "Connection reset" ({@code SocketChannelImpl.throwConnectionReset}). For writes
 * it does not: they are a plain {@code IOException} with the system's text ({@code
 * SocketDispatcher.write0}, by way of {@code strerror}), which is in the language of the process.
 * So the words are learned from the system: when a write fails with a text that is not known, the
 * two failures are made once on purpose, over a pipe without a reader and a connection to
 * ourselves, which takes a fraction of a millisecond.
 */
final class Resets {
  private static final int PATIENCE_MILLIS = 1_000;

  /** In English: of the JDK, of Unix systems, of Windows. */
  private static final Set<String> RESET =
      Set.of(
          "Connection reset",
          "Connection reset by peer",
          "An existing connection was forcibly closed by the remote host",
          "An established connection was aborted by the software in your host machine");

  private static final String BROKEN_PIPE = "Broken pipe";

  private Resets() {}

  /** A reset by the peer. The system tells of it once, to whoever comes first. */
  static boolean isReset(IOException failure) {
    String text = text(failure);
    return RESET.contains(text) || (!text.equals(BROKEN_PIPE) && text.equals(Learned.RESET));
  }

  /** A write to a peer who has closed. The system tells of it again and again. */
  static boolean isBrokenPipe(IOException failure) {
    String text = text(failure);
    return text.equals(BROKEN_PIPE) || (!RESET.contains(text) && text.equals(Learned.BROKEN_PIPE));
  }

  private static String text(IOException failure) {
    String text = failure.getMessage();
    return text == null ? "no text" : text;
  }

  /** Loaded when it is needed, which in an English locale is hardly ever. */
  static final class Learned {
    static final String BROKEN_PIPE = ofAPipeWithoutReader();
    static final String RESET = ofAConnectionThatWasReset();

    private Learned() {}

    private static String ofAPipeWithoutReader() {
      try {
        Pipe pipe = Pipe.open();
        try (Pipe.SinkChannel sink = pipe.sink()) {
          pipe.source().close();
          return failureOf(() -> sink.write(ByteBuffer.allocate(1)));
        }
      } catch (IOException e) {
        return Resets.BROKEN_PIPE; // no descriptor is left to ask with: English has to do
      }
    }

    private static String ofAConnectionThatWasReset() {
      try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          SocketChannel channel = SocketChannel.open()) {
        server.setSoTimeout(PATIENCE_MILLIS);
        channel
            .socket()
            .connect(
                new InetSocketAddress(server.getInetAddress(), server.getLocalPort()),
                PATIENCE_MILLIS);
        Socket peer = server.accept();
        peer.setSoLinger(true, 0); // a close is a reset
        peer.close();
        return failureOf(() -> channel.write(ByteBuffer.allocate(1)));
      } catch (IOException e) {
        return "Connection reset by peer"; // as above
      }
    }

    private interface Write {
      int write() throws IOException;
    }

    private static String failureOf(Write write) throws IOException {
      try {
        write.write();
      } catch (IOException e) {
        return text(e);
      }
      throw new IOException("the write did not fail");
    }
  }
}
