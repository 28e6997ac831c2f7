package dev.reveille.io;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TcpStream} over {@code java.nio}.
 *
 * <p>The system tells of a reset once: to the read or the write that comes first. If it is the
 * write, a read that comes later finds the end of the stream, as if all was in order; so the
 * failure is kept for it. What the peer sent before is read first all the same. A broken pipe is
 * told to writes only and kept from nobody: there the peer may have closed its direction in order.
 */
final class NioTcpStream extends Registration implements TcpStream {
  private final SocketChannel channel;
  private final SocketAddress localAddress;
  private final SocketAddress remoteAddress;
  private final WakerSlot reader = new WakerSlot();
  private final WakerSlot writer = new WakerSlot();

  /** What a write was told, and the reader has to know. */
  private @Nullable IOException toldToWriter;

  private boolean inputShutDown;

  /** Takes a connected channel over; closes it if that fails. */
  static NioTcpStream open(SelectorDispatcher dispatcher, SocketChannel channel, boolean noDelay)
      throws IOException {
    try {
      channel.configureBlocking(false);
      Sockets.setNoDelay(channel, noDelay);
      return new NioTcpStream(
          dispatcher, channel, channel.getLocalAddress(), channel.getRemoteAddress());
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  private NioTcpStream(
      SelectorDispatcher dispatcher,
      SocketChannel channel,
      SocketAddress localAddress,
      SocketAddress remoteAddress) {
    super(dispatcher, channel, OP_READ | OP_WRITE);
    this.channel = channel;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
  }

  // ------------------------------------------------------------------ readiness

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
  void wake(int operations) {
    if ((operations & OP_READ) != 0) {
      reader.wake();
    }
    if ((operations & OP_WRITE) != 0) {
      writer.wake();
    }
  }

  // ------------------------------------------------------------------ reading and writing

  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    if (dispatcher.onLoop()) {
      return readNow(buffer);
    }
    boolean taken = enter("tryRead");
    try {
      return readNow(buffer);
    } finally {
      dispatcher.exit(taken);
    }
  }

  private int readNow(ByteBuffer buffer) throws IOException {
    int limit = HeapBytes.curb(buffer);
    int room = buffer.remaining();
    int n;
    try {
      n = channel.read(buffer);
    } catch (IOException e) {
      throw readFailure(e);
    } finally {
      buffer.limit(limit);
    }
    if (n < 0) {
      checkEnd();
    } else if (n < room) {
      // A short read has emptied the socket. What comes after it, the end too, is reported.
      exhausted(OP_READ);
    }
    return n;
  }

  @Override
  public long tryRead(ByteBuffer[] buffers, int offset, int length) throws IOException {
    if (dispatcher.onLoop()) {
      return readNow(buffers, offset, length);
    }
    boolean taken = enter("tryRead");
    try {
      return readNow(buffers, offset, length);
    } finally {
      dispatcher.exit(taken);
    }
  }

  private long readNow(ByteBuffer[] buffers, int offset, int length) throws IOException {
    if (length == 1) {
      return readNow(buffers[offset]); // cheaper in the JDK, and in the system
    }
    if (HeapBytes.areTooMany(buffers, offset, length)) {
      return TcpStream.super.tryRead(buffers, offset, length);
    }
    long n;
    try {
      n = channel.read(buffers, offset, length);
    } catch (IOException e) {
      throw readFailure(e);
    }
    if (n < 0) {
      checkEnd();
    } else if (stoppedWithin(buffers, offset, length, n)) {
      exhausted(OP_READ);
    }
    return n;
  }

  @Override
  public int tryWrite(ByteBuffer buffer) throws IOException {
    if (dispatcher.onLoop()) {
      return writeNow(buffer);
    }
    boolean taken = enter("tryWrite");
    try {
      return writeNow(buffer);
    } finally {
      dispatcher.exit(taken);
    }
  }

  private int writeNow(ByteBuffer buffer) throws IOException {
    int limit = HeapBytes.curb(buffer);
    int n;
    try {
      n = channel.write(buffer);
      if (buffer.hasRemaining()) {
        exhausted(OP_WRITE);
      }
    } catch (IOException e) {
      throw writeFailure(e);
    } finally {
      buffer.limit(limit);
    }
    return n;
  }

  @Override
  public long tryWrite(ByteBuffer[] buffers, int offset, int length) throws IOException {
    if (dispatcher.onLoop()) {
      return writeNow(buffers, offset, length);
    }
    boolean taken = enter("tryWrite");
    try {
      return writeNow(buffers, offset, length);
    } finally {
      dispatcher.exit(taken);
    }
  }

  private long writeNow(ByteBuffer[] buffers, int offset, int length) throws IOException {
    if (length == 1) {
      return writeNow(buffers[offset]);
    }
    if (HeapBytes.areTooMany(buffers, offset, length)) {
      return TcpStream.super.tryWrite(buffers, offset, length);
    }
    long n;
    try {
      n = channel.write(buffers, offset, length);
    } catch (IOException e) {
      throw writeFailure(e);
    }
    if (stoppedWithin(buffers, offset, length, n)) {
      exhausted(OP_WRITE);
    }
    return n;
  }

  /**
   * The system takes a limited number of buffers at once (IOV_MAX), so buffers that are left do not
   * tell that it would take or give no more. A buffer that was begun and not finished does, and so
   * does nothing at all where there was something to do.
   */
  private static boolean stoppedWithin(ByteBuffer[] buffers, int offset, int length, long n) {
    for (int i = offset; i < offset + length; i++) {
      if (buffers[i].hasRemaining()) {
        return n == 0 || buffers[i].position() > 0;
      }
    }
    return false;
  }

  // ------------------------------------------------------------------ failures

  private IOException readFailure(IOException failure) {
    return !(failure instanceof ClosedChannelException) && Resets.isReset(failure)
        ? new ConnectionResetException("reset by the peer: " + this, failure)
        : failure;
  }

  private IOException writeFailure(IOException failure) {
    if (failure instanceof ClosedChannelException) {
      return failure;
    }
    if (Resets.isBrokenPipe(failure)) {
      return new ConnectionResetException("the peer takes no more: " + this, failure);
    }
    if (toldToWriter == null) {
      toldToWriter = failure;
    }
    return Resets.isReset(failure)
        ? new ConnectionResetException("reset by the peer: " + this, failure)
        : failure;
  }

  /** Whether the end that was read is one. */
  private void checkEnd() throws IOException {
    IOException failure = toldToWriter;
    if (failure != null && !inputShutDown) {
      throw Resets.isReset(failure)
          ? new ConnectionResetException("reset by the peer: " + this, failure)
          : new IOException("the connection has failed: " + this, failure);
    }
  }

  // ------------------------------------------------------------------ ends and options

  @Override
  public void shutdownOutput() throws IOException {
    boolean taken = enter("shutdownOutput");
    try {
      channel.shutdownOutput();
      signal(OP_WRITE); // who waits for room finds out
    } finally {
      dispatcher.exit(taken);
    }
  }

  @Override
  public void shutdownInput() throws IOException {
    boolean taken = enter("shutdownInput");
    try {
      channel.shutdownInput();
      inputShutDown = true;
      signal(OP_READ); // who waits for bytes reads the end
    } finally {
      dispatcher.exit(taken);
    }
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    channel.setOption(option, requireNonNull(value, "value"));
  }

  @Override
  public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    return channel.getOption(option);
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
