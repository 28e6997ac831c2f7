package dev.reveille.io;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** {@link Network#connect}: begun by the first poll, finished when the selector reports it. */
final class ConnectOperation extends Operation<TcpStream> {
  private final SelectorDispatcher dispatcher;
  private final SocketAddress address;
  private @Nullable Attempt attempt;

  ConnectOperation(SelectorDispatcher dispatcher, SocketAddress address) {
    super("connect to " + requireNonNull(address, "address"));
    this.dispatcher = dispatcher;
    this.address = address;
  }

  @Override
  protected Poll<TcpStream> doPoll(Context cx) throws IOException {
    Attempt a = attempt;
    if (a == null) {
      a = Attempt.begin(dispatcher, address);
      attempt = a;
    }
    try {
      return a.poll(cx) ? Poll.ready(a.finish()) : Poll.pending();
    } catch (Throwable t) {
      a.channel.close();
      throw t;
    }
  }

  @Override
  protected void doCancel() {
    if (attempt != null) {
      attempt.close("connect.cancel");
    }
  }

  /** A socket on its way. Its registration ends with it: the stream makes one of its own. */
  private static final class Attempt extends Registration {
    final SocketChannel channel;
    private final WakerSlot slot = new WakerSlot();

    private Attempt(SelectorDispatcher dispatcher, SocketChannel channel, boolean connected) {
      super(dispatcher, channel, connected ? SelectionKey.OP_CONNECT : 0);
      this.channel = channel;
    }

    static Attempt begin(SelectorDispatcher dispatcher, SocketAddress address) throws IOException {
      SocketChannel channel = SocketChannel.open();
      try {
        channel.configureBlocking(false);
        return new Attempt(dispatcher, channel, channel.connect(address));
      } catch (Throwable t) {
        channel.close();
        throw t;
      }
    }

    boolean poll(Context cx) throws IOException {
      checkOpen();
      if (isReady(SelectionKey.OP_CONNECT)) {
        return true;
      }
      await(cx, slot, SelectionKey.OP_CONNECT, "a connection to be established");
      return false;
    }

    TcpStream finish() throws IOException {
      channel.finishConnect(); // throws what kept the connection from being established
      return NioTcpStream.open(dispatcher, channel);
    }

    @Override
    void wake(int operations) {
      slot.wake();
    }
  }
}
