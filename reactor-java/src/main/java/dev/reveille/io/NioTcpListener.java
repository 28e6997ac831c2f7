package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A {@link TcpListener} over {@code java.nio}. */
final class NioTcpListener extends Registration implements TcpListener {
  private final ServerSocketChannel channel;
  private final SocketAddress localAddress;
  private final WakerSlot acceptor = new WakerSlot();

  NioTcpListener(SelectorDispatcher dispatcher, ServerSocketChannel channel) throws IOException {
    super(dispatcher, channel, SelectionKey.OP_ACCEPT);
    this.channel = channel;
    this.localAddress = channel.getLocalAddress();
  }

  @Override
  public Poll<TcpStream> pollAccept(Context cx) throws IOException {
    checkOpen();
    if (isReady(SelectionKey.OP_ACCEPT)) {
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
      SocketChannel accepted = channel.accept();
      if (accepted != null) {
        return Poll.ready(NioTcpStream.open(dispatcher, accepted));
      }
      exhausted(SelectionKey.OP_ACCEPT);
    }
    await(cx, acceptor, SelectionKey.OP_ACCEPT, "a connection");
    return Poll.pending();
  }

  @Override
  void wake(int operations) {
    acceptor.wake();
  }

  @Override
  public SocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    close("TcpListener.close");
  }

  @Override
  public String toString() {
    return "TcpListener[" + localAddress + "]";
  }
}
