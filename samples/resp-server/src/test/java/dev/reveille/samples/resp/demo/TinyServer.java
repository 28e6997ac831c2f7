package dev.reveille.samples.resp.demo;

import dev.reveille.samples.resp.command.CommandExecutor;
import dev.reveille.samples.resp.command.ServerInfo;
import dev.reveille.samples.resp.command.Session;
import dev.reveille.samples.resp.command.Sessions;
import dev.reveille.samples.resp.protocol.ProtocolException;
import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.protocol.RequestLimits;
import dev.reveille.samples.resp.protocol.RequestParser;
import dev.reveille.samples.resp.store.Keyspace;
import dev.reveille.samples.resp.store.KeyspaceListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The least server that a client can be tried on: one connection, one thread, no blocking commands.
 * Now and then it lies, if it is told to.
 */
final class TinyServer implements AutoCloseable {
  private final ServerSocketChannel listener = ServerSocketChannel.open();
  private final Thread thread = new Thread(this::serve, "tiny-server");
  private final int lieEvery;

  /** Answers every so manieth GET wrongly; 0 for none. */
  TinyServer(int lieEvery) throws IOException {
    this.lieEvery = lieEvery;
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    thread.start();
  }

  int port() throws IOException {
    return ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  private void serve() {
    Keyspace keyspace = new Keyspace(System::currentTimeMillis, KeyspaceListener.NONE);
    Sessions sessions = new Sessions(System::currentTimeMillis);
    CommandExecutor executor = new CommandExecutor(keyspace, sessions, new ServerInfo());
    try (SocketChannel client = listener.accept()) {
      Session session = sessions.open("client", "server");
      RequestParser parser = new RequestParser(RequestLimits.DEFAULTS);
      ReplyBuffer out = new ReplyBuffer();
      ByteBuffer in = ByteBuffer.allocate(4096);
      int gets = 0;
      while (client.read(in) >= 0) {
        in.flip();
        Request request = parser.next(in);
        while (request != null) {
          if (request.name().equals("get") && lieEvery > 0 && ++gets % lieEvery == 0) {
            out.bulk("a lie");
          } else {
            executor.execute(session, request, out);
          }
          request = parser.next(in);
        }
        in.clear();
        out.drainTo(client::write);
      }
    } catch (IOException | ProtocolException gone) {
      // The test is over, or sees it at the other end.
    }
  }
}
