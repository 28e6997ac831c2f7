package dev.reveille.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams from and to anyone, against each other and against the JDK's blocking sockets. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UdpTest {
  private final SelectorDispatcher loop = new SelectorDispatcher();

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

  /** Calls something on the loop. */
  private <T> T onLoop(Callable<T> action) throws Exception {
    return loop.runUntil(cx -> Poll.ready(action.call())).value();
  }

  @Test
  void aDatagramComesWithItsSourceAndTheAnswerGoesThere() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    UdpSocket client = loop.bindUdp(anyPort());
    ByteBuffer atServer = ByteBuffer.allocate(64);
    ByteBuffer atClient = ByteBuffer.allocateDirect(64);

    loop.runUntil(client.send(ascii("question"), server.localAddress()));
    SocketAddress source = loop.runUntil(server.receive(atServer)).value();
    assertThat(source).isEqualTo(client.localAddress());
    assertThat(text(atServer)).isEqualTo("question");

    loop.runUntil(server.send(ascii("answer"), source));
    assertThat(loop.runUntil(client.receive(atClient)).value()).isEqualTo(server.localAddress());
    assertThat(text(atClient)).isEqualTo("answer");
  }

  @Test
  void eachOfSeveralPeersIsToldApart() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    try (DatagramSocket one = new DatagramSocket(anyPort());
        DatagramSocket other = new DatagramSocket(anyPort())) {
      for (DatagramSocket each : new DatagramSocket[] {one, other, one}) {
        each.send(new DatagramPacket(new byte[] {1}, 1, server.localAddress()));
        assertThat(loop.runUntil(server.receive(ByteBuffer.allocate(8))).value())
            .isEqualTo(each.getLocalSocketAddress());
      }
    }
  }

  @Test
  void aReceiverSleepsUntilADatagramComes() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    ByteBuffer buffer = ByteBuffer.allocate(64);
    JoinHandle<SocketAddress> receive = loop.spawn("receiver", server.receive(buffer));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(loop.snapshot().tasks().get(0).waitReason()).isEqualTo("a datagram");

    try (DatagramSocket peer = new DatagramSocket(anyPort())) {
      peer.send(new DatagramPacket("late".getBytes(US_ASCII), 4, server.localAddress()));
      assertThat(loop.runUntil(receive.join()).value()).isEqualTo(peer.getLocalSocketAddress());
    }
    assertThat(text(buffer)).isEqualTo("late");
  }

  @Test
  void anEmptyDatagramIsToldApartFromNothing() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    UdpSocket client = loop.bindUdp(anyPort());
    ByteBuffer buffer = ByteBuffer.allocate(8);
    assertThat(loop.<Boolean>runUntil(cx -> Poll.ready(server.tryReceive(buffer) == null)).value())
        .isTrue();

    loop.runUntil(client.send(ByteBuffer.allocate(0), server.localAddress()));

    assertThat(loop.runUntil(server.receive(buffer)).value()).isEqualTo(client.localAddress());
    assertThat(buffer.position()).isZero();
  }

  @Test
  void whatDoesNotFitIsCutOffAndCountedAndTheNextDatagramIsWhole() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    UdpSocket client = loop.bindUdp(anyPort());
    for (ByteBuffer small :
        new ByteBuffer[] {ByteBuffer.allocate(4), ByteBuffer.allocateDirect(4)}) {
      loop.runUntil(client.send(ascii("too long"), server.localAddress()));
      loop.runUntil(client.send(ascii("fits"), server.localAddress()));

      loop.runUntil(server.receive(small));
      assertThat(text(small)).isEqualTo("too ");
      assertThat(onLoop(server::truncatedBytes)).isEqualTo(4);

      loop.runUntil(server.receive(small.clear()));
      assertThat(text(small)).isEqualTo("fits");
      assertThat(onLoop(server::truncatedBytes)).isZero();
    }
  }

  @Test
  void aDatagramGoesToThePositionOfTheBufferAndNotBeyondItsLimit() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    UdpSocket client = loop.bindUdp(anyPort());
    loop.runUntil(client.send(ascii("abcdef"), server.localAddress()));
    ByteBuffer buffer = ByteBuffer.allocate(10);
    buffer.position(2).limit(6);

    loop.runUntil(server.receive(buffer));

    assertThat(buffer.position()).isEqualTo(6);
    assertThat(buffer.limit()).isEqualTo(6);
    assertThat(buffer.array()).containsExactly(0, 0, 'a', 'b', 'c', 'd', 0, 0, 0, 0);
    assertThat(onLoop(server::truncatedBytes)).isEqualTo(2);
  }

  @Test
  void theLongestDatagramIsReceivedWholeIntoAnyKindOfBuffer() throws Exception {
    UdpOptions options =
        UdpOptions.defaults()
            .withFamily(StandardProtocolFamily.INET)
            .withSocketOption(StandardSocketOptions.SO_RCVBUF, 1 << 20)
            .withSocketOption(StandardSocketOptions.SO_SNDBUF, 1 << 20);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
    UdpSocket server = loop.bindUdp(any, options);
    UdpSocket client = loop.bindUdp(any, options);
    int longest = 65_507;
    ByteBuffer sent = ByteBuffer.allocate(longest);
    sent.put(longest - 1, (byte) 7);
    for (ByteBuffer buffer :
        new ByteBuffer[] {ByteBuffer.allocate(65_535), ByteBuffer.allocateDirect(65_535)}) {
      loop.runUntil(client.send(sent.rewind(), server.localAddress()));
      loop.runUntil(server.receive(buffer));
      assertThat(buffer.position()).isEqualTo(longest);
      assertThat(buffer.get(longest - 1)).isEqualTo((byte) 7);
      assertThat(onLoop(server::truncatedBytes)).isZero();
    }
  }

  @Test
  void aDatagramThatIsTooLongIsRefusedAndTheSocketGoesOn() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    UdpSocket client = loop.bindUdp(anyPort());
    for (int size : new int[] {65_530, 70_000}) {
      assertThatThrownBy(
              () -> loop.runUntil(client.send(ByteBuffer.allocate(size), server.localAddress())))
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("Message too long");
    }
    loop.runUntil(client.send(ascii("short"), server.localAddress()));
    ByteBuffer buffer = ByteBuffer.allocate(64);
    loop.runUntil(server.receive(buffer));
    assertThat(text(buffer)).isEqualTo("short");
  }

  @Test
  void aBufferInWhichTheDatagramWouldBeLostIsRefusedAtTheCall() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    ByteBuffer readOnly = ByteBuffer.allocate(8).asReadOnlyBuffer();
    assertThatThrownBy(() -> server.receive(ByteBuffer.allocate(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without room");
    assertThatThrownBy(() -> server.read(readOnly))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("read-only");
    loop.runUntil(server.send(ascii("kept"), server.localAddress()));
    assertThatThrownBy(() -> onLoop(() -> server.tryReceive(readOnly)))
        .isInstanceOf(IllegalArgumentException.class);
    ByteBuffer buffer = ByteBuffer.allocate(8);
    loop.runUntil(server.receive(buffer));
    assertThat(text(buffer)).isEqualTo("kept");
  }

  @Test
  void aCancelledReceiveLeavesTheDatagramToTheNextOne() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    JoinHandle<SocketAddress> given =
        loop.spawn("given up", server.receive(ByteBuffer.allocate(8)));
    loop.runUntilStalled();
    try (DatagramSocket peer = new DatagramSocket(anyPort())) {
      peer.send(new DatagramPacket(new byte[] {5}, 1, server.localAddress()));
    }
    given.cancel();
    loop.runUntilStalled();

    ByteBuffer buffer = ByteBuffer.allocate(8);
    loop.runUntil(server.receive(buffer));
    assertThat(buffer.get(0)).isEqualTo((byte) 5);
  }

  @Test
  void aSenderWaitsUntilThereIsRoomAgain() throws Exception {
    NioUdpSocket client = (NioUdpSocket) loop.bindUdp(anyPort());
    onLoop(
        () -> {
          client.exhausted(SelectionKey.OP_WRITE); // as if the system had no room
          return true;
        });
    Pollable<Complete> send = client.send(ascii("x"), client.localAddress());
    int[] polls = {0};
    loop.runUntil(
        cx -> {
          polls[0]++;
          return send.poll(cx);
        });
    assertThat(polls[0]).isEqualTo(2);

    ByteBuffer buffer = ByteBuffer.allocate(8);
    loop.runUntil(client.receive(buffer));
    assertThat(text(buffer)).isEqualTo("x");
  }

  @Test
  void closingWakesWhoWaitsAndWhoComesLaterIsRefused() throws Exception {
    UdpSocket server = loop.bindUdp(anyPort());
    JoinHandle<SocketAddress> receive =
        loop.spawn("receiver", server.receive(ByteBuffer.allocate(8)));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    loop.post(server::close);

    assertThatThrownBy(() -> loop.runUntil(receive.join()))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(server.isOpen()).isFalse();
    server.close();
    assertThatThrownBy(() -> onLoop(() -> server.tryReceive(ByteBuffer.allocate(8))))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> onLoop(() -> server.trySend(ascii("x"), anyPort())))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> onLoop(() -> server.tryRead(ByteBuffer.allocate(8))))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aNameThatWasNotResolvedIsRefused() throws Exception {
    UdpSocket client = loop.bindUdp(anyPort());
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("no.such.name", 1);
    assertThatThrownBy(() -> loop.runUntil(client.send(ascii("x"), unresolved)))
        .isInstanceOf(UnresolvedAddressException.class);
  }

  @Test
  void anAddressThatIsTakenIsRefusedUnlessItIsShared() throws Exception {
    UdpSocket first = loop.bindUdp(anyPort());
    assertThatThrownBy(() -> loop.bindUdp(first.localAddress())).isInstanceOf(BindException.class);

    UdpOptions shared =
        UdpOptions.defaults().withSocketOption(StandardSocketOptions.SO_REUSEADDR, true);
    UdpSocket one = loop.bindUdp(anyPort(), shared);
    UdpSocket two = loop.bindUdp(one.localAddress(), shared);
    assertThat(two.localAddress()).isEqualTo(one.localAddress());
  }

  @Test
  void optionsAreSetAndRead() throws Exception {
    UdpSocket socket =
        loop.bindUdp(
            new InetSocketAddress("127.0.0.1", 0),
            UdpOptions.defaults().withFamily(StandardProtocolFamily.INET));
    for (SocketOption<Boolean> each :
        List.of(StandardSocketOptions.SO_BROADCAST, StandardSocketOptions.IP_MULTICAST_LOOP)) {
      socket.setOption(each, true);
      assertThat(socket.getOption(each)).isTrue();
      socket.setOption(each, false);
      assertThat(socket.getOption(each)).isFalse();
    }
    socket.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 3);
    assertThat(socket.getOption(StandardSocketOptions.IP_MULTICAST_TTL)).isEqualTo(3);
    socket.setOption(StandardSocketOptions.SO_RCVBUF, 32_768);
    assertThat(socket.getOption(StandardSocketOptions.SO_RCVBUF)).isGreaterThanOrEqualTo(32_768);
    assertThat(socket.getOption(StandardSocketOptions.IP_MULTICAST_IF)).isNull();
    assertThatThrownBy(() -> socket.setOption(StandardSocketOptions.TCP_NODELAY, true))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(((InetSocketAddress) socket.localAddress()).getAddress())
        .isInstanceOf(Inet4Address.class);
  }

  @Test
  void anOptionThatTheSocketDoesNotKnowLeavesNothingOpen() {
    long before = Descriptors.open();
    assertThatThrownBy(
            () ->
                loop.bindUdp(
                    anyPort(),
                    UdpOptions.defaults()
                        .withSocketOption(StandardSocketOptions.TCP_NODELAY, true)))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(Descriptors.open()).isEqualTo(before);
  }

  @Test
  void openingAndClosingAThousandTimesLeavesNoKeyAndNoDescriptorBehind() throws Exception {
    UdpSocket stays = loop.bindUdp(anyPort());
    loop.spawn("stays", stays.receive(ByteBuffer.allocate(8)));
    loop.runUntilStalled();
    long before = Descriptors.open();
    for (int i = 0; i < 1_000; i++) {
      UdpSocket socket = loop.bindUdp(anyPort());
      JoinHandle<SocketAddress> receive = loop.spawn(socket.receive(ByteBuffer.allocate(8)));
      receive.toCompletableFuture(); // its failure is awaited, as far as the loop knows
      loop.runUntilStalled();
      socket.close();
      loop.runUntilStalled();
      assertThat(receive.isDone()).isTrue();
    }
    assertThat(Descriptors.open()).isEqualTo(before);
  }
}
