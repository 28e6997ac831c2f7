package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A {@link TcpListener} over {@code java.nio}. */
final class NioTcpListener extends Registration implements TcpListener {
  private static final Logger LOGGER = System.getLogger("dev.reveille.io");

  /** The call that may fail when descriptors run out: for tests, which have none to waste. */
  interface Accept {
    @Nullable SocketChannel accept() throws IOException;
  }

  private final ServerSocketChannel channel;
  private final SocketAddress localAddress;
  private final @Nullable SocketFile file;
  private final boolean noDelay;
  private final WakerSlot acceptor = new WakerSlot();
  private final AcceptBackOff backOff;
  private Accept accept;

  static NioTcpListener open(
      SelectorDispatcher dispatcher, SocketAddress address, ListenOptions options)
      throws IOException {
    ServerSocketChannel channel = Sockets.openServer(address);
    try {
      channel.configureBlocking(false);
      if (!Sockets.isUnix(address)) {
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress());
      }
      if (options.receiveBuffer() > 0) {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBuffer());
      }
      Sockets.apply(channel, options.socketOptions());
      SocketFile file = bind(channel, address, options.backlog());
      return new NioTcpListener(
          dispatcher, channel, channel.getLocalAddress(), file, options.noDelay());
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  private static @Nullable SocketFile bind(
      ServerSocketChannel channel, SocketAddress address, int backlog) throws IOException {
    try {
      channel.bind(address, backlog);
    } catch (BindException e) {
      throw SocketFile.explain(address, e);
    } catch (IOException e) {
      throw Sockets.naming("listen on", address, e);
    }
    return SocketFile.of(channel.getLocalAddress());
  }

  private NioTcpListener(
      SelectorDispatcher dispatcher,
      ServerSocketChannel channel,
      SocketAddress localAddress,
      @Nullable SocketFile file,
      boolean noDelay) {
    super(dispatcher, channel, SelectionKey.OP_ACCEPT, false);
    this.channel = channel;
    this.localAddress = localAddress;
    this.file = file;
    this.noDelay = noDelay;
    this.backOff = new AcceptBackOff(dispatcher);
    this.accept = channel::accept;
    own(); // last: any thread may listen, and another close the dispatcher at this moment
  }

  /** For tests. */
  void acceptWith(Accept other) {
    accept = other;
  }

  /** For tests. */
  ServerSocketChannel channel() {
    return channel;
  }

  @Override
  public Poll<TcpStream> pollAccept(Context cx) throws IOException {
    for (; ; ) {
      checkOpen();
      if (backOff.isOn()) {
        if (backOff.poll(cx).isPending()) {
          acceptor.register(cx, "descriptors to accept with"); // for the close
          return Poll.pending();
        }
      }
      if (!isReady(SelectionKey.OP_ACCEPT)) {
        await(cx, acceptor, SelectionKey.OP_ACCEPT, "a connection");
        return Poll.pending();
      }
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
      SocketChannel accepted;
      try {
        accepted = accept.accept();
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        // The language of the message may be any, and so the reason is not known; but no failure of
        // accept means more than that it is better tried again later: accept(2).
        backOff.begin(this, e);
        continue;
      }
      backOff.end(this);
      if (accepted == null) {
        exhausted(SelectionKey.OP_ACCEPT);
        continue;
      }
      try {
        return Poll.ready(NioTcpStream.open(dispatcher, accepted, noDelay));
      } catch (IOException e) {
        // It was reset before it was accepted, on a system that tells so here: not the listener's
        // failure, and the next one may be in order.
        LOGGER.log(Logger.Level.DEBUG, "a connection to " + this + " was gone at once", e);
      }
    }
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
    close("TcpListener.close", true);
  }

  @Override
  void closed() {
    backOff.end(this);
    if (file != null) {
      file.delete();
    }
  }

  @Override
  public String toString() {
    return "TcpListener[" + localAddress + "]";
  }
}
