package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.io.ConnectOptions;
import dev.reveille.io.ConnectionResetException;
import dev.reveille.io.ListenOptions;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SocketOptionsExampleTest {
  static String end(int read, IOException failure) {
    return failure instanceof ConnectionResetException ? "aborted" : read < 0 ? "done" : "failed";
  }

  private static TcpListener serve(SelectorDispatcher dispatcher, SocketAddress address)
      throws IOException {
    ListenOptions options = ListenOptions.defaults().withBacklog(64).withReceiveBuffer(256 * 1024);
    TcpListener listener = dispatcher.listen(address, options);
    return listener;
  }

  private static Pollable<TcpStream> call(SelectorDispatcher dispatcher, SocketAddress peer) {
    ConnectOptions options =
        ConnectOptions.defaults()
            .withTimeout(Duration.ofSeconds(3))
            .withSocketOption(StandardSocketOptions.SO_KEEPALIVE, true);
    Pollable<TcpStream> connect = dispatcher.connect(peer, options);
    return connect;
  }

  @Test
  void aServerAndAClientWithOptionsMeetAndTheEndsAreToldApart() throws Exception {
    try (var dispatcher = new SelectorDispatcher()) {
      TcpListener listener =
          serve(dispatcher, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      JoinHandle<TcpStream> accepted = dispatcher.spawn(listener.accept());
      TcpStream client = dispatcher.runUntil(call(dispatcher, listener.localAddress())).value();
      TcpStream server = dispatcher.runUntil(accepted.join()).value();
      assertThat(client.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();

      server.shutdownOutput();
      int read = dispatcher.runUntil(client.read(ByteBuffer.allocate(1))).value();
      assertThat(end(read, new IOException())).isEqualTo("done");

      client.setOption(StandardSocketOptions.SO_LINGER, 0); // a close is a reset
      client.close();
      String how = "";
      try {
        how = end(dispatcher.runUntil(server.read(ByteBuffer.allocate(1))).value(), null);
      } catch (IOException e) {
        how = end(0, e);
      }
      assertThat(how).isEqualTo("aborted");
    }
  }
}
