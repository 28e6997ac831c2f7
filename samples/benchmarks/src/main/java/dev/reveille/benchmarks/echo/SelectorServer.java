package dev.reveille.benchmarks.echo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * The floor: a selector loop by hand that does the same work and nothing else. One thread, one read
 * and one write a request, no queue, no tasks, no timers, no way in for other threads.
 */
public final class SelectorServer {
  private final Selector selector = Selector.open();
  private final ServerSocketChannel listener = ServerSocketChannel.open();

  private SelectorServer() throws IOException {
    listener.configureBlocking(false);
    listener.bind(new InetSocketAddress("localhost", 0));
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  /**
   * Serves until standard input ends.
   *
   * @param args none
   * @throws IOException if the socket can not be opened
   */
  public static void main(String[] args) throws IOException {
    SelectorServer server = new SelectorServer();
    new Thread(server::run, "loop").start();
    ServerControl.serve(server.listener.socket().getLocalPort());
  }

  private void run() {
    Consumer<SelectionKey> action = this::selected;
    try {
      for (; ; ) {
        selector.select(action);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void selected(SelectionKey key) {
    try {
      if (key.attachment() instanceof Connection connection) {
        connection.selected(key);
      } else {
        accept();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() throws IOException {
    for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.register(selector, SelectionKey.OP_READ, new Connection(channel));
    }
  }

  private static final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Protocol.BUFFER_SIZE).limit(0);

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    void selected(SelectionKey key) throws IOException {
      if (!buffer.hasRemaining()) {
        int n = channel.read(buffer.clear());
        buffer.flip();
        if (n < 0) {
          channel.close();
          return;
        }
      }
      channel.write(buffer);
      if (buffer.hasRemaining()) {
        key.interestOps(SelectionKey.OP_WRITE);
      } else if (key.isWritable()) {
        key.interestOps(SelectionKey.OP_READ);
      }
    }
  }
}
