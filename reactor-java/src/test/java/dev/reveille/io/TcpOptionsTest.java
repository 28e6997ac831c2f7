package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.contract.Rig;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What sockets are told before they listen and connect, and how connecting fails. */
final class TcpOptionsTest {
  private final Rig rig = new Rig(SelectorDispatcher::new);
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.dispatcher();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ listen

  @Test
  void aServerThatIsStartedAgainGetsItsPortAlthoughItsConnectionsLinger() throws Exception {
    TcpListener first = loop.listen(Ends.anyPort());
    SocketAddress address = first.localAddress();
    JoinHandle<TcpStream> accepted = loop.spawn("accept", first.accept());
    TcpStream client = loop.runUntil(loop.connect(address)).value();
    TcpStream server = loop.runUntil(accepted.join()).value();
    server.close(); // the side that closes first is the one that lingers
    assertThat(Ends.readAll(loop, client)).isEmpty();
    client.close();
    first.close();

    try (TcpListener second = loop.listen(address)) {
      assertThat(second.localAddress()).isEqualTo(address);
      // But only one at a time.
      assertThatThrownBy(() -> loop.listen(address))
          .isInstanceOf(BindException.class)
          .hasMessageContaining(address.toString());
    }
  }

  @Test
  void theAddressOfAListenerThatWasRegisteredIsFreeWhenItsCloseReturns() throws Exception {
    TcpListener first = loop.listen(Ends.anyPort(), ListenOptions.defaults());
    SocketAddress address = first.localAddress();
    loop.spawn("acceptor", first.accept());
    loop.runUntilStalled(); // now a selector has the listener
    loop.runUntil(
        cx -> {
          first.close(); // on the loop
          loop.listen(address).close();
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(rig.takeUncaught()).hasSize(1); // the acceptor's
  }

  @Test
  void connectionsSendAtOnceUnlessToldOtherwise() throws Exception {
    Ends usual = Ends.tcp(loop);
    assertThat(usual.client.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
    assertThat(usual.server.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();

    Ends nagle = Ends.at(loop, Ends.anyPort(), ListenOptions.defaults().withNoDelay(false));
    assertThat(nagle.server.getOption(StandardSocketOptions.TCP_NODELAY)).isFalse();
    nagle.server.setOption(StandardSocketOptions.TCP_NODELAY, true);
    assertThat(nagle.server.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
  }

  @Test
  void acceptedConnectionsInheritTheReceiveBuffer() throws Exception {
    int small =
        Ends.at(loop, Ends.anyPort(), ListenOptions.defaults().withReceiveBuffer(8 * 1024))
            .server
            .getOption(StandardSocketOptions.SO_RCVBUF);
    int large =
        Ends.at(loop, Ends.anyPort(), ListenOptions.defaults().withReceiveBuffer(64 * 1024))
            .server
            .getOption(StandardSocketOptions.SO_RCVBUF);
    assertThat(small).isLessThan(large);
  }

  @Test
  void furtherOptionsAreSetBeforeTheBind() throws Exception {
    ListenOptions shared =
        ListenOptions.defaults().withSocketOption(StandardSocketOptions.SO_REUSEPORT, true);
    try (TcpListener first = loop.listen(Ends.anyPort(), shared);
        TcpListener second = loop.listen(first.localAddress(), shared)) {
      assertThat(second.localAddress()).isEqualTo(first.localAddress());
    }
    ListenOptions wrong =
        ListenOptions.defaults().withSocketOption(StandardSocketOptions.TCP_NODELAY, true);
    assertThatThrownBy(() -> loop.listen(Ends.anyPort(), wrong))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void valuesThatMakeNoSenseAreRefusedByName() {
    assertThatThrownBy(() -> ListenOptions.defaults().withBacklog(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("backlog");
    assertThatThrownBy(() -> ListenOptions.defaults().withReceiveBuffer(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("receiveBuffer");
    assertThatThrownBy(() -> ConnectOptions.defaults().withTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout");
    assertThat(ListenOptions.defaults().withReuseAddress(false).reuseAddress()).isFalse();
  }

  // ------------------------------------------------------------------ connect

  @Test
  void bothEndsKnowBothAddresses() throws Exception {
    Ends ends = Ends.tcp(loop);
    assertThat(ends.client.localAddress()).isEqualTo(ends.server.remoteAddress());
    assertThat(ends.client.remoteAddress()).isEqualTo(ends.server.localAddress());
    assertThat(((InetSocketAddress) ends.client.localAddress()).getPort()).isPositive();
  }

  @Test
  void theAddressAndTheOptionsOfThisSideCanBeChosen() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    SocketAddress mine = new InetSocketAddress(InetAddress.getLoopbackAddress(), free);
    try (TcpListener listener = loop.listen(Ends.anyPort())) {
      ConnectOptions options =
          ConnectOptions.defaults()
              .withLocalAddress(mine)
              .withNoDelay(false)
              .withSocketOption(StandardSocketOptions.SO_KEEPALIVE, true);
      TcpStream stream = loop.runUntil(loop.connect(listener.localAddress(), options)).value();
      assertThat(stream.localAddress()).isEqualTo(mine);
      assertThat(stream.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
      assertThat(stream.getOption(StandardSocketOptions.TCP_NODELAY)).isFalse();

      assertThatThrownBy(() -> loop.runUntil(loop.connect(listener.localAddress(), options)))
          .isInstanceOf(BindException.class); // it is in use now
    }
  }

  /** A port whose backlog is full: the system drops what asks to connect. */
  private static List<AutoCloseable> fill(ServerSocket server) throws Exception {
    List<AutoCloseable> fillers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      SocketChannel channel = SocketChannel.open();
      channel.configureBlocking(false);
      channel.connect(server.getLocalSocketAddress());
      fillers.add(channel);
    }
    return fillers;
  }

  @Test
  void aPeerThatDoesNotAnswerIsGivenUpAfterTheTimeOfTheDispatchersClock() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<AutoCloseable> fillers = fill(server);
      SocketAddress peer = server.getLocalSocketAddress();
      Pollable<TcpStream> connect =
          loop.connect(peer, ConnectOptions.defaults().withTimeout(Duration.ofSeconds(3)));
      JoinHandle<TcpStream> handle = loop.spawn("connector", connect);
      assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
      int registered = loop.registrations.size();

      rig.advance(Duration.ofMillis(2_999));
      assertThat(handle.isDone()).isFalse();
      assertThat(loop.snapshot().tasks().get(0).waitReason())
          .isEqualTo("a connection to be established");
      JoinHandle<?> joined = loop.spawn("join", handle.join());
      rig.advance(Duration.ofMillis(1));

      assertThat(joined.isDone()).isTrue();
      assertThatThrownBy(() -> loop.runUntil(joined.join()))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining(peer.toString())
          .hasMessageContaining("PT3S");
      assertThat(rig.takeUncaught()).hasSize(1); // of "join", which was not joined by then
      assertThat(loop.registrations.size()).isEqualTo(registered - 1);
      for (AutoCloseable filler : fillers) {
        filler.close();
      }
    }
  }

  @Test
  void aConnectionThatIsThereWinsAgainstTheTimeOut() throws Exception {
    try (TcpListener listener = loop.listen(Ends.anyPort())) {
      Pollable<TcpStream> connect =
          loop.connect(
              listener.localAddress(), ConnectOptions.defaults().withTimeout(Duration.ofNanos(1)));
      JoinHandle<TcpStream> handle = loop.spawn("connector", connect);
      loop.runUntilStalled(); // the system has established it by now, or at once
      rig.advance(Duration.ofSeconds(1));
      assertThat(loop.runUntil(handle.join()).value().isOpen()).isTrue();
      rig.advance(Duration.ofSeconds(1)); // no timer is left that could fire
    }
  }

  @Test
  void whoRefusesIsNamed() throws Exception {
    SocketAddress nobody;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = server.getLocalSocketAddress();
    }
    int before = loop.registrations.size();
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> loop.runUntil(loop.connect(nobody)))
          .isExactlyInstanceOf(ConnectException.class)
          .hasMessageContaining(nobody.toString())
          .hasCauseInstanceOf(ConnectException.class);
    }
    assertThat(loop.registrations.size()).isEqualTo(before);
    assertThatThrownBy(
            () ->
                loop.runUntil(loop.connect(InetSocketAddress.createUnresolved("no.such.name", 1))))
        .isInstanceOf(UnresolvedAddressException.class);
  }

  @Test
  void aCancelledConnectHoldsNothing() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<AutoCloseable> fillers = fill(server);
      int before = loop.registrations.size();
      Pollable<TcpStream> connect =
          loop.connect(
              server.getLocalSocketAddress(),
              ConnectOptions.defaults().withTimeout(Duration.ofDays(1)));
      JoinHandle<TcpStream> handle = loop.spawn("connector", connect);
      loop.runUntilStalled();
      assertThat(loop.registrations.size()).isEqualTo(before + 1);
      handle.cancel();
      assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
      assertThat(loop.registrations.size()).isEqualTo(before);
      for (AutoCloseable filler : fillers) {
        filler.close();
      }
    }
  }

  @Test
  void aClosedDispatcherDoesNotListen() throws Exception {
    SelectorDispatcher closed = new SelectorDispatcher();
    closed.close();
    assertThatThrownBy(() -> closed.listen(Ends.anyPort()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    assertThat(closed.registrations.size()).isZero();
  }

  @Test
  void theBacklogOfTheOptionsIsTheSystems() throws Exception {
    try (TcpListener listener =
        loop.listen(Ends.anyPort(), ListenOptions.defaults().withBacklog(8))) {
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) { // nobody accepts
        Socket client = new Socket();
        clients.add(client);
        client.connect(listener.localAddress(), 5_000);
      }
      for (Socket client : clients) {
        client.close();
      }
    }
  }
}
