package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import dev.reveille.io.Network;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.Test;

class NetworkExampleTest {
  static final class Probe extends Task {
    private final Pollable<TcpStream> connect;

    Probe(Network network, SocketAddress peer) { // the reactor, or a simulation of it
      super("probe");
      connect = network.connect(peer);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      Poll<TcpStream> stream = connect.poll(cx);
      if (stream.isPending()) {
        return Poll.pending();
      }
      stream.value().close(); // the peer is there, and that is all
      return Poll.ready();
    }

    @Override
    protected void cleanup() {
      connect.cancel(); // closes a socket that is half open
    }
  }

  @Test
  void aProbeFindsAPeerThatListensAndNoneThatDoesNot() throws Exception {
    try (var dispatcher = new SelectorDispatcher()) {
      TcpListener listener =
          dispatcher.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketAddress address = listener.localAddress();
      JoinHandle<Complete> alive = dispatcher.spawn(new Probe(dispatcher, address));
      assertThat(dispatcher.runUntil(alive.join()).isReady()).isTrue();

      listener.close();
      JoinHandle<Complete> dead = dispatcher.spawn(new Probe(dispatcher, address));
      assertThatThrownBy(() -> dispatcher.runUntil(dead.join())).isInstanceOf(IOException.class);
    }
  }
}
