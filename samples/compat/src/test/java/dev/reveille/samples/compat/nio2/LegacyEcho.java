package dev.reveille.samples.compat.nio2;

import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;

/** An echo server as it was written before: handlers that begin the next operation. */
final class LegacyEcho implements CompletionHandler<AsynchronousSocketChannel, Object> {
  private final AsynchronousServerSocketChannel server;

  private LegacyEcho(AsynchronousServerSocketChannel server) {
    this.server = server;
  }

  static void serve(AsynchronousServerSocketChannel server) {
    server.accept(null, new LegacyEcho(server));
  }

  @Override
  public void completed(AsynchronousSocketChannel channel, Object attachment) {
    server.accept(null, this);
    new Connection(channel).read();
  }

  @Override
  public void failed(Throwable failure, Object attachment) {
    // closed, at the end of the test
  }

  private static final class Connection implements CompletionHandler<Integer, Boolean> {
    private final AsynchronousSocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(64);

    Connection(AsynchronousSocketChannel channel) {
      this.channel = channel;
    }

    void read() {
      buffer.clear();
      channel.read(buffer, true, this);
    }

    @Override
    public void completed(Integer bytes, Boolean wasRead) {
      if (bytes < 0) {
        Nio2.closeQuietly(channel);
        return;
      }
      if (wasRead) {
        buffer.flip();
      }
      if (buffer.hasRemaining()) {
        channel.write(buffer, false, this);
      } else {
        read();
      }
    }

    @Override
    public void failed(Throwable failure, Boolean wasRead) {
      Nio2.closeQuietly(channel);
    }
  }
}
