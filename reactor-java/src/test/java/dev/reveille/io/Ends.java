package dev.reveille.io;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Both ends of a connection on one loop, and what tests do to them. */
final class Ends {
  final TcpStream client;
  final TcpStream server;

  private Ends(TcpStream client, TcpStream server) {
    this.client = client;
    this.server = server;
  }

  static SocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  static Ends tcp(SelectorDispatcher loop) throws Exception {
    return at(loop, anyPort(), ListenOptions.defaults());
  }

  static Ends at(SelectorDispatcher loop, SocketAddress address, ListenOptions options)
      throws Exception {
    try (TcpListener listener = loop.listen(address, options)) {
      JoinHandle<TcpStream> accepted = loop.spawn("accept", listener.accept());
      TcpStream client = loop.runUntil(loop.connect(listener.localAddress())).value();
      return new Ends(client, loop.runUntil(accepted.join()).value());
    }
  }

  /** Closes an end so that its peer is told of a reset. */
  static void reset(TcpStream end) throws IOException {
    end.setOption(StandardSocketOptions.SO_LINGER, 0);
    end.close();
  }

  static String readAll(SelectorDispatcher loop, TcpStream stream) throws Exception {
    StringBuilder text = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(64);
    return loop.runUntil(
            cx -> {
              while (stream.pollReadable(cx).isReady()) {
                if (stream.tryRead(buffer) < 0) {
                  return Poll.ready(text.toString());
                }
                text.append(java.nio.charset.StandardCharsets.US_ASCII.decode(buffer.flip()));
                buffer.clear();
              }
              return Poll.pending();
            })
        .value();
  }

  /** What is logged for the reactor, and kept from the console. */
  static final class Log extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("dev.reveille.io");
    final java.util.List<LogRecord> records = new java.util.concurrent.CopyOnWriteArrayList<>();

    Log() {
      logger.setUseParentHandlers(false);
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
      records.add(record);
    }

    String text(int index) {
      return new java.util.logging.SimpleFormatter().formatMessage(records.get(index));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
      logger.setUseParentHandlers(true);
    }
  }
}
