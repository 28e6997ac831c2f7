package dev.reveille.io;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A {@link TcpStream} over {@code java.nio}. */
final class NioTcpStream extends Registration implements TcpStream {
  private final SocketChannel channel;
  private final SocketAddress localAddress;
  private final SocketAddress remoteAddress;
  private final WakerSlot reader = new WakerSlot();
  private final WakerSlot writer = new WakerSlot();

  /** Takes a connected channel over; closes it if that fails. */
  static NioTcpStream open(SelectorDispatcher dispatcher, SocketChannel channel)
      throws IOException {
    try {
      channel.configureBlocking(false);
      return new NioTcpStream(dispatcher, channel);
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  private NioTcpStream(SelectorDispatcher dispatcher, SocketChannel channel) throws IOException {
    super(dispatcher, channel, OP_READ | OP_WRITE);
    this.channel = channel;
    this.localAddress = channel.getLocalAddress();
    this.remoteAddress = channel.getRemoteAddress();
  }

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    return pollReady(cx, reader, OP_READ, "bytes from the peer");
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    return pollReady(cx, writer, OP_WRITE, "room to write");
  }

  private Poll<Complete> pollReady(Context cx, WakerSlot slot, int operation, String why)
      throws IOException {
    checkOpen();
    if (isReady(operation)) {
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }
    await(cx, slot, operation, why);
    return Poll.pending();
  }

  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    assert dispatcher.onLoop();
    int room = buffer.remaining();
    int n = channel.read(buffer);
    // A short read has emptied the socket. What comes after it, the end too, is reported.
    if (n >= 0 && n < room) {
      exhausted(OP_READ);
    }
    return n;
  }

  @Override
  public long tryRead(ByteBuffer[] buffers, int offset, int length) throws IOException {
    assert dispatcher.onLoop();
    long n = channel.read(buffers, offset, length);
    // The system takes a limited number of buffers at once: only nothing, or a buffer that was
    // begun and has room left, tells that the socket is empty.
    if (n >= 0) {
      for (int i = offset; i < offset + length; i++) {
        if (buffers[i].hasRemaining()) {
          if (n == 0 || buffers[i].position() > 0) {
            exhausted(OP_READ);
          }
          break;
        }
      }
    }
    return n;
  }

  @Override
  public int tryWrite(ByteBuffer buffer) throws IOException {
    assert dispatcher.onLoop();
    int n = channel.write(buffer);
    if (buffer.hasRemaining()) {
      exhausted(OP_WRITE);
    }
    return n;
  }

  @Override
  public long tryWrite(ByteBuffer[] buffers, int offset, int length) throws IOException {
    if (length == 1) {
      return tryWrite(buffers[offset]); // cheaper in the JDK, and in the system
    }
    assert dispatcher.onLoop();
    long n = channel.write(buffers, offset, length);
    // The system takes a limited number of buffers at once; only a partly written one tells of no
    // room.
    for (int i = offset; i < offset + length; i++) {
      if (buffers[i].hasRemaining()) {
        if (n == 0 || buffers[i].position() > 0) {
          exhausted(OP_WRITE);
        }
        break;
      }
    }
    return n;
  }

  @Override
  void wake(int operations) {
    if ((operations & OP_READ) != 0) {
      reader.wake();
    }
    if ((operations & OP_WRITE) != 0) {
      writer.wake();
    }
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    channel.setOption(option, value);
  }

  @Override
  public void shutdownOutput() throws IOException {
    boolean taken = dispatcher.enter("TcpStream.shutdownOutput");
    try {
      channel.shutdownOutput();
    } finally {
      dispatcher.exit(taken);
    }
  }

  @Override
  public SocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public SocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    close("TcpStream.close");
  }

  @Override
  public String toString() {
    return "TcpStream[" + localAddress + " to " + remoteAddress + "]";
  }
}
