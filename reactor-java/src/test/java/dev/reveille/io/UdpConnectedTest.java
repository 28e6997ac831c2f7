package dev.reveille.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams from and to one peer. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UdpConnectedTest {
  private final SelectorDispatcher loop = new SelectorDispatcher();
  private UdpSocket server;
  private UdpSocket client;

  @BeforeEach
  void open() throws Exception {
    server = loop.bindUdp(anyPort());
    client = loop.bindUdp(anyPort());
  }

  @AfterEach
  void close() {
    loop.close();
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static String text(ByteBuffer received) {
    return US_ASCII.decode(received.duplicate().flip()).toString();
  }

  private <T> T onLoop(Callable<T> action) throws Exception {
    return loop.runUntil(cx -> Poll.ready(action.call())).value();
  }

  /** An address at which nobody listens. */
  private static SocketAddress nobody() throws Exception {
    try (DatagramSocket socket = new DatagramSocket(anyPort())) {
      return socket.getLocalSocketAddress();
    }
  }

  @Test
  void peersThatAreConnectedNeedNoAddresses() throws Exception {
    client.connect(server.localAddress());
    server.connect(client.localAddress());
    assertThat(client.remoteAddress()).isEqualTo(server.localAddress());
    assertThat(client.toString()).contains(" to ");
    ByteBuffer buffer = ByteBuffer.allocate(64);

    loop.runUntil(client.write(ascii("ping")));
    assertThat(loop.runUntil(server.read(buffer)).value()).isEqualTo(4);
    assertThat(text(buffer)).isEqualTo("ping");
    loop.runUntil(server.write(ascii("pong!")));
    assertThat(loop.runUntil(client.read(buffer.clear())).value()).isEqualTo(5);
    assertThat(text(buffer)).isEqualTo("pong!");
  }

  @Test
  void nothingIsMinusOneAndAnEmptyDatagramIsZero() throws Exception {
    client.connect(server.localAddress());
    ByteBuffer buffer = ByteBuffer.allocate(8);
    assertThat(onLoop(() -> client.tryRead(buffer))).isEqualTo(-1);

    loop.runUntil(server.send(ByteBuffer.allocate(0), client.localAddress()));

    assertThat(loop.runUntil(client.read(buffer)).value()).isZero();
    assertThat(onLoop(() -> client.tryRead(buffer))).isEqualTo(-1);
  }

  /** The JDK answers 0 to such a write, and sends nothing. */
  @Test
  void anEmptyDatagramThatTheJdkWouldNotSendIsRefused() throws Exception {
    client.connect(server.localAddress());
    assertThatThrownBy(() -> loop.runUntil(client.write(ByteBuffer.allocate(0))))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("not connected");
    assertThatThrownBy(
            () -> loop.runUntil(client.send(ByteBuffer.allocate(0), server.localAddress())))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whatDoesNotFitIsCountedHereToo() throws Exception {
    client.connect(server.localAddress());
    loop.runUntil(server.send(ascii("too long"), client.localAddress()));
    ByteBuffer buffer = ByteBuffer.allocate(3);
    assertThat(loop.runUntil(client.read(buffer)).value()).isEqualTo(3);
    assertThat(onLoop(client::truncatedBytes)).isEqualTo(5);
  }

  @Test
  void aPortWhereNobodyListensIsReportedToTheReader() throws Exception {
    client.connect(nobody());
    loop.runUntil(client.write(ascii("anybody?")));
    assertThatThrownBy(() -> loop.runUntil(client.read(ByteBuffer.allocate(8))))
        .isInstanceOf(PortUnreachableException.class);
  }

  @Test
  void aReaderThatWaitsIsWokenByTheRefusal() throws Exception {
    client.connect(nobody());
    JoinHandle<Integer> read = loop.spawn("reader", client.read(ByteBuffer.allocate(8)));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    loop.spawn(client.write(ascii("anybody?")));
    assertThatThrownBy(() -> loop.runUntil(read.join()))
        .isInstanceOf(PortUnreachableException.class);
  }

  @Test
  void aRefusalIsReportedOnceToTheWriterToo() throws Exception {
    client.connect(nobody());
    loop.runUntil(client.write(ascii("anybody?")));
    assertThatThrownBy(() -> onLoop(() -> client.tryWrite(ascii("again?"))))
        .isInstanceOf(PortUnreachableException.class);
    assertThat(onLoop(() -> client.tryWrite(ascii("again?")))).isTrue();
  }

  @Test
  void theSocketGoesOnAfterARefusal() throws Exception {
    SocketAddress nobody = nobody();
    client.connect(nobody);
    loop.runUntil(client.write(ascii("anybody?")));
    assertThatThrownBy(() -> loop.runUntil(client.read(ByteBuffer.allocate(8))))
        .isInstanceOf(PortUnreachableException.class);
    try (DatagramSocket late = new DatagramSocket(nobody)) {
      late.send(new DatagramPacket(new byte[] {9}, 1, client.localAddress()));
      assertThat(loop.runUntil(client.read(ByteBuffer.allocate(8))).value()).isEqualTo(1);
    }
  }

  @Test
  void aSocketThatIsNotConnectedIsToldNothingOfThatKind() throws Exception {
    loop.runUntil(client.send(ascii("anybody?"), nobody()));
    assertThat(onLoop(() -> client.tryReceive(ByteBuffer.allocate(8)) == null)).isTrue();
    loop.runUntil(client.send(ascii("you there?"), server.localAddress()));
    assertThat(loop.runUntil(server.receive(ByteBuffer.allocate(32))).value())
        .isEqualTo(client.localAddress());
  }

  @Test
  void strangersAreNotReceivedUntilTheSocketIsDisconnected() throws Exception {
    UdpSocket stranger = loop.bindUdp(anyPort());
    client.connect(server.localAddress());
    ByteBuffer buffer = ByteBuffer.allocate(64);

    loop.runUntil(stranger.send(ascii("stranger"), client.localAddress()));
    loop.runUntil(server.send(ascii("peer"), client.localAddress()));
    assertThat(loop.runUntil(client.receive(buffer)).value()).isEqualTo(server.localAddress());
    assertThat(text(buffer)).isEqualTo("peer");

    SocketAddress before = client.localAddress();
    client.disconnect();
    client.disconnect(); // does nothing
    assertThat(client.remoteAddress()).isNull();
    assertThat(client.localAddress()).isEqualTo(before);
    loop.runUntil(stranger.send(ascii("stranger"), client.localAddress()));
    assertThat(loop.runUntil(client.receive(buffer.clear())).value())
        .isEqualTo(stranger.localAddress());
  }

  @Test
  void whatHadArrivedBeforeTheConnectIsDropped() throws Exception {
    loop.runUntil(server.send(ascii("before"), client.localAddress()));
    client.connect(server.localAddress());
    loop.runUntil(server.send(ascii("after"), client.localAddress()));
    ByteBuffer buffer = ByteBuffer.allocate(64);
    loop.runUntil(client.read(buffer));
    assertThat(text(buffer)).isEqualTo("after");
  }

  @Test
  void useThatNeedsAPeerOrAnotherPeerIsRefused() throws Exception {
    assertThatThrownBy(() -> loop.runUntil(client.read(ByteBuffer.allocate(8))))
        .isInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> loop.runUntil(client.write(ascii("x"))))
        .isInstanceOf(NotYetConnectedException.class);
    client.connect(server.localAddress());
    assertThatThrownBy(() -> client.connect(server.localAddress()))
        .isInstanceOf(AlreadyConnectedException.class);
    assertThatThrownBy(() -> loop.runUntil(client.send(ascii("x"), nobody())))
        .isInstanceOf(AlreadyConnectedException.class);
    loop.runUntil(client.send(ascii("to the peer"), server.localAddress()));
    client.close();
    assertThatThrownBy(() -> client.connect(server.localAddress()))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> client.disconnect()).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void theWildcardAddressBecomesAPreciseOneWhileConnected() throws Exception {
    UdpSocket wild = loop.bindUdp(new InetSocketAddress(0));
    assertThat(((InetSocketAddress) wild.localAddress()).getAddress().isAnyLocalAddress()).isTrue();
    wild.connect(server.localAddress());
    assertThat(((InetSocketAddress) wild.localAddress()).getAddress().isLoopbackAddress()).isTrue();
  }
}
