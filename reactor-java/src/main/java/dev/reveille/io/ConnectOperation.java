package dev.reveille.io;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Timer;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** {@link Network#connect}: begun by the first poll, finished when the selector reports it. */
final class ConnectOperation extends Operation<TcpStream> {
  private final SelectorDispatcher dispatcher;
  private final SocketAddress address;
  private final ConnectOptions options;
  private @Nullable Attempt attempt;
  private @Nullable Timer timer;

  ConnectOperation(SelectorDispatcher dispatcher, SocketAddress address, ConnectOptions options) {
    super("connect to " + requireNonNull(address, "address"));
    this.dispatcher = dispatcher;
    this.address = address;
    this.options = requireNonNull(options, "options");
  }

  @Override
  protected Poll<TcpStream> doPoll(Context cx) throws IOException {
    try {
      Attempt a = attempt;
      if (a == null) {
        a = begin();
        attempt = a;
      }
      boolean timeUp = timer != null && timer.poll(cx).isReady();
      if (!a.poll(cx)) { // even now a connection wins
        if (timeUp) {
          throw new SocketTimeoutException(
              "connect to " + address + ": no answer within " + options.timeout());
        }
        return Poll.pending();
      }
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
      TcpStream stream = a.finish(options.noDelay());
      disarm();
      return Poll.ready(stream);
    } catch (IOException e) {
      doCancel();
      throw Sockets.naming("connect to", address, e);
    } catch (Throwable t) {
      doCancel();
      throw t;
    }
  }

  private Attempt begin() throws IOException {
    SocketChannel channel = Sockets.openStream(address);
    try {
      channel.configureBlocking(false);
      Sockets.apply(channel, options.socketOptions());
      if (options.localAddress() != null) {
        channel.bind(options.localAddress());
      }
      Attempt a = new Attempt(dispatcher, channel, channel.connect(address));
      if (options.timeout() != null) {
        Timer t = new Timer(dispatcher);
        t.reset(options.timeout());
        timer = t;
      }
      return a;
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
    }
  }

  @Override
  protected void doCancel() {
    disarm();
    if (attempt != null) {
      attempt.giveUp();
    }
  }

  /** A socket on its way. Its registration ends with it: the stream makes one of its own. */
  private static final class Attempt extends Registration {
    private final SocketChannel channel;
    private final WakerSlot slot = new WakerSlot();

    Attempt(SelectorDispatcher dispatcher, SocketChannel channel, boolean connected) {
      super(dispatcher, channel, connected ? SelectionKey.OP_CONNECT : 0);
      this.channel = channel;
    }

    boolean poll(Context cx) throws IOException {
      checkOpen();
      if (isReady(SelectionKey.OP_CONNECT)) {
        return true;
      }
      await(cx, slot, SelectionKey.OP_CONNECT, "a connection to be established");
      return false;
    }

    TcpStream finish(boolean noDelay) throws IOException {
      channel.finishConnect(); // throws what kept the connection from being established
      NioTcpStream stream = NioTcpStream.open(dispatcher, channel, noDelay);
      stream.takeOver(this);
      return stream;
    }

    void giveUp() {
      slot.clear();
      close("connect.cancel"); // takes the role if nobody has it
      forget(); // a connection that was refused has closed its channel itself
    }

    @Override
    void wake(int operations) {
      slot.wake();
    }
  }
}
