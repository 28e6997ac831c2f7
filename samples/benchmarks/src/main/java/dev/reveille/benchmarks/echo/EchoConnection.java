package dev.reveille.benchmarks.echo;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * One connection of the client: sends a batch of requests in one piece, waits until all of it has
 * come back, compares every byte, and sends the next. No two batches are alike: each request
 * carries its own number.
 */
final class EchoConnection {
  private final SocketChannel channel;
  private final ByteBuffer sent;
  private final ByteBuffer received;
  private long number;
  private long sentAt;
  private boolean waiting;

  /** Connects, and has one batch echoed before it returns: so the server has accepted it. */
  EchoConnection(int port, int depth, int id, Selector selector) throws IOException {
    int size = depth * Protocol.REQUEST_SIZE;
    sent = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    received = ByteBuffer.allocateDirect(size);
    for (int i = 0; i < size; i++) {
      sent.put(i, (byte) (id * 31 + i));
    }
    number = (long) id << 40;
    channel = SocketChannel.open(new InetSocketAddress(InetAddress.getByName("localhost"), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    send();
    while (received.hasRemaining()) {
      read();
    }
    finish();
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, this);
  }

  /** Sends the next batch. */
  void send() throws IOException {
    for (int i = 0; i < sent.capacity(); i += Protocol.REQUEST_SIZE) {
      sent.putLong(i, number++);
    }
    sent.clear();
    received.clear();
    waiting = true;
    sentAt = System.nanoTime();
    channel.write(sent);
    if (sent.hasRemaining()) { // 1 KB at most, into a socket that has no other bytes
      throw new IOException("the system took " + sent.position() + " bytes of a batch");
    }
  }

  /** Reads; returns the nanoseconds that the batch took, or -1 if more is to come. */
  long receive() throws IOException {
    read();
    if (received.hasRemaining()) {
      return -1;
    }
    long nanos = System.nanoTime() - sentAt;
    finish();
    return nanos;
  }

  private void read() throws IOException {
    if (channel.read(received) < 0) {
      throw new EOFException("the server has closed a connection");
    }
  }

  private void finish() throws IOException {
    int at = received.flip().mismatch(sent.rewind());
    if (at >= 0) {
      throw new IOException(
          "byte %d of %d came back as %d, not %d; the batch ends with request %d"
              .formatted(at, sent.capacity(), received.get(at), sent.get(at), number));
    }
    waiting = false;
  }

  /** Whether a batch is under way. */
  boolean isWaiting() {
    return waiting;
  }

  void close() throws IOException {
    channel.close();
  }
}
