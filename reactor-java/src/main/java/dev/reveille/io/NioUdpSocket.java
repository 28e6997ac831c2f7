package dev.reveille.io;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NotYetConnectedException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link UdpSocket} over {@code java.nio}.
 *
 * <p>All receiving goes through {@link DatagramChannel#receive}, also on a connected socket: its
 * {@code read} answers 0 both to an empty datagram and to none.
 */
final class NioUdpSocket extends Registration implements UdpSocket {
  private final DatagramChannel channel;
  private final ByteBuffer scratch;
  private final WakerSlot receiver = new WakerSlot();
  private final WakerSlot sender = new WakerSlot();
  private int truncated;

  /** Volatile: written on the loop, read by any thread. */
  private volatile SocketAddress localAddress;

  /** As {@link #localAddress}. */
  private volatile @Nullable SocketAddress remoteAddress;

  static NioUdpSocket bind(SelectorDispatcher dispatcher, SocketAddress address, UdpOptions options)
      throws IOException {
    requireNonNull(address, "address");
    ProtocolFamily family = options.family();
    DatagramChannel channel =
        family == null ? DatagramChannel.open() : DatagramChannel.open(family);
    try {
      channel.configureBlocking(false);
      for (Map.Entry<SocketOption<?>, Object> option : options.socketOptions().entrySet()) {
        set(channel, option.getKey(), option.getValue());
      }
      channel.bind(address);
      return new NioUdpSocket(
          dispatcher, channel, channel.getLocalAddress(), DatagramScratch.of(dispatcher));
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  /** The two belong together: {@link UdpOptions#withSocketOption}. */
  @SuppressWarnings("unchecked")
  private static <T> void set(DatagramChannel channel, SocketOption<T> option, Object value)
      throws IOException {
    channel.setOption(option, (T) value);
  }

  private NioUdpSocket(
      SelectorDispatcher dispatcher,
      DatagramChannel channel,
      SocketAddress localAddress,
      DatagramScratch scratch) {
    super(dispatcher, channel, OP_READ | OP_WRITE);
    this.channel = channel;
    this.scratch = scratch.buffer;
    this.localAddress = localAddress;
  }

  // ------------------------------------------------------------------ waiting

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    return pollReady(cx, receiver, OP_READ, "a datagram");
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    return pollReady(cx, sender, OP_WRITE, "room to send");
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
      receiver.wake();
    }
    if ((operations & OP_WRITE) != 0) {
      sender.wake();
    }
  }

  // ------------------------------------------------------------------ receiving

  @Override
  public @Nullable SocketAddress tryReceive(ByteBuffer buffer) throws IOException {
    boolean taken = enter("tryReceive");
    try {
      return receiveNow(buffer);
    } finally {
      dispatcher.exit(taken);
    }
  }

  private @Nullable SocketAddress receiveNow(ByteBuffer buffer) throws IOException {
    DatagramReceive.checkRoom(buffer);
    boolean fitsAnyway = buffer.isDirect() && buffer.remaining() >= DatagramScratch.LARGEST;
    ByteBuffer target = fitsAnyway ? buffer : scratch.clear();
    SocketAddress source = channel.receive(target);
    if (source == null) {
      exhausted(OP_READ); // only this tells that there is no other one
      return null;
    }
    truncated = 0;
    if (!fitsAnyway) {
      deliver(buffer);
    }
    return source;
  }

  private void deliver(ByteBuffer buffer) {
    scratch.flip();
    int room = buffer.remaining();
    if (scratch.remaining() > room) {
      truncated = scratch.remaining() - room;
      scratch.limit(room);
    }
    buffer.put(scratch);
  }

  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    checkConnected();
    int before = buffer.position();
    return tryReceive(buffer) == null ? -1 : buffer.position() - before;
  }

  @Override
  public int truncatedBytes() {
    return truncated;
  }

  // ------------------------------------------------------------------ sending

  @Override
  public boolean trySend(ByteBuffer buffer, SocketAddress to) throws IOException {
    requireNonNull(to, "to");
    boolean taken = enter("trySend");
    try {
      int size = checkSize(buffer);
      return wasSent(channel.send(buffer, to), size);
    } finally {
      dispatcher.exit(taken);
    }
  }

  @Override
  public boolean tryWrite(ByteBuffer buffer) throws IOException {
    boolean taken = enter("tryWrite");
    try {
      checkConnected();
      int size = checkSize(buffer);
      return wasSent(channel.write(buffer), size);
    } finally {
      dispatcher.exit(taken);
    }
  }

  /**
   * What is too long the system would refuse with the same words, after the JDK has made a direct
   * copy of it all. What is empty the JDK passes on by way of {@code send}, but not on a connected
   * channel: there it answers 0, as if it had.
   */
  private int checkSize(ByteBuffer buffer) throws SocketException {
    int size = buffer.remaining();
    if (size == 0 && remoteAddress != null) {
      throw new UnsupportedOperationException(
          "the JDK sends an empty datagram only on a socket that is not connected: " + this);
    }
    if (size > DatagramScratch.LARGEST) {
      throw new SocketException("Message too long: a datagram of " + size + " bytes");
    }
    return size;
  }

  private boolean wasSent(int sent, int size) {
    if (sent == 0 && size > 0) {
      exhausted(OP_WRITE);
      return false;
    }
    return true;
  }

  // ------------------------------------------------------------------ connected

  private void checkConnected() throws IOException {
    if (remoteAddress == null) {
      checkOpen();
      throw new NotYetConnectedException();
    }
  }

  @Override
  public void connect(SocketAddress peer) throws IOException {
    requireNonNull(peer, "peer");
    boolean taken = dispatcher.enter("UdpSocket.connect");
    try {
      channel.connect(peer);
      readAddresses();
    } finally {
      dispatcher.exit(taken);
    }
  }

  @Override
  public void disconnect() throws IOException {
    boolean taken = dispatcher.enter("UdpSocket.disconnect");
    try {
      channel.disconnect();
      readAddresses();
    } finally {
      dispatcher.exit(taken);
    }
  }

  private void readAddresses() throws IOException {
    localAddress = channel.getLocalAddress();
    remoteAddress = channel.getRemoteAddress();
  }

  // ------------------------------------------------------------------ groups

  @Override
  public MulticastMembership join(InetAddress group, NetworkInterface networkInterface)
      throws IOException {
    requireNonNull(group, "group");
    requireNonNull(networkInterface, "networkInterface");
    boolean taken = dispatcher.enter("UdpSocket.join");
    try {
      return new NioMembership(channel.join(group, networkInterface));
    } finally {
      dispatcher.exit(taken);
    }
  }

  @Override
  public MulticastMembership join(
      InetAddress group, NetworkInterface networkInterface, InetAddress source) throws IOException {
    requireNonNull(group, "group");
    requireNonNull(networkInterface, "networkInterface");
    requireNonNull(source, "source");
    boolean taken = dispatcher.enter("UdpSocket.join");
    try {
      return new NioMembership(channel.join(group, networkInterface, source));
    } finally {
      dispatcher.exit(taken);
    }
  }

  // ------------------------------------------------------------------ the socket

  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    channel.setOption(option, value);
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
  public @Nullable SocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    close("UdpSocket.close");
  }

  @Override
  public String toString() {
    SocketAddress peer = remoteAddress;
    return "UdpSocket[" + localAddress + (peer == null ? "]" : " to " + peer + "]");
  }
}
