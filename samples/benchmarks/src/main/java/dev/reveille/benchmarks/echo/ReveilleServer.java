package dev.reveille.benchmarks.echo;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;

/** Echo on Reveille, as a user would write it: a task per connection, on one loop. */
public final class ReveilleServer {
  private ReveilleServer() {}

  /**
   * Serves until standard input ends.
   *
   * @param args none
   * @throws IOException if the socket can not be opened
   */
  public static void main(String[] args) throws IOException {
    SelectorDispatcher dispatcher = new SelectorDispatcher();
    TcpListener listener = dispatcher.listen(new InetSocketAddress("localhost", 0));
    dispatcher.post(new Acceptor(listener));
    new Thread(dispatcher::run, "loop").start();
    ServerControl.serve(((InetSocketAddress) listener.localAddress()).getPort());
  }

  private static final class Acceptor extends Task {
    private final TcpListener listener;

    Acceptor(TcpListener listener) {
      super("acceptor");
      this.listener = listener;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      for (; ; ) {
        Poll<TcpStream> accepted = listener.pollAccept(cx);
        if (accepted.isPending()) {
          return Poll.pending();
        }
        TcpStream stream = accepted.value();
        stream.setOption(StandardSocketOptions.TCP_NODELAY, true);
        cx.dispatcher().post(new Session(stream));
      }
    }

    @Override
    protected void cleanup() {
      listener.close();
    }
  }

  private static final class Session extends Task {
    private final TcpStream stream;

    /** What is to be sent back, between position and limit. */
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Protocol.BUFFER_SIZE).limit(0);

    Session(TcpStream stream) {
      super("session");
      this.stream = stream;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      for (; ; ) {
        while (buffer.hasRemaining()) {
          if (stream.pollWritable(cx).isPending()) {
            return Poll.pending();
          }
          stream.tryWrite(buffer);
        }
        if (stream.pollReadable(cx).isPending()) {
          return Poll.pending();
        }
        int n = stream.tryRead(buffer.clear());
        buffer.flip();
        if (n < 0) {
          return Poll.ready(); // the peer has sent its last byte
        }
      }
    }

    @Override
    protected void cleanup() {
      stream.close();
    }
  }
}
