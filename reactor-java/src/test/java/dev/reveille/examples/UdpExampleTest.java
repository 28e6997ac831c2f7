package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.io.MulticastMembership;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.UdpOptions;
import dev.reveille.io.UdpSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UdpExampleTest {
  static Pollable<Complete> echo(UdpSocket socket, ByteBuffer buffer) {
    return cx -> {
      while (socket.pollReadable(cx).isReady()) {
        SocketAddress from = socket.tryReceive(buffer.clear());
        if (from != null && socket.truncatedBytes() == 0) {
          socket.trySend(buffer.flip(), from); // false: no room, and datagrams may be lost
        }
      }
      return Poll.pending();
    };
  }

  @Test
  void eachDatagramIsAnsweredWithWhatWasInIt() throws Exception {
    try (var dispatcher = new SelectorDispatcher()) {
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      UdpSocket server = dispatcher.bindUdp(any);
      UdpSocket client = dispatcher.bindUdp(any);
      JoinHandle<Complete> echo = dispatcher.spawn(echo(server, ByteBuffer.allocate(1500)));
      ByteBuffer answer = ByteBuffer.allocate(16);
      for (String question : new String[] {"one", "two"}) {
        dispatcher.runUntil(
            client.send(ByteBuffer.wrap(question.getBytes(US_ASCII)), server.localAddress()));
        assertThat(dispatcher.runUntil(client.receive(answer.clear())).value())
            .isEqualTo(server.localAddress());
        assertThat(US_ASCII.decode(answer.flip()).toString()).isEqualTo(question);
      }
      echo.cancel();
    }
  }

  private static boolean canMulticast(NetworkInterface networkInterface) {
    try {
      return networkInterface.isUp()
          && networkInterface.supportsMulticast()
          && networkInterface.inetAddresses().anyMatch(Inet4Address.class::isInstance);
    } catch (SocketException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aGroupIsJoinedOnAnInterfaceAndASourceLeftOut() throws Exception {
    UdpOptions options =
        UdpOptions.defaults()
            .withFamily(StandardProtocolFamily.INET)
            .withSocketOption(StandardSocketOptions.SO_REUSEADDR, true)
            .withSocketOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
    assertThat(options.family()).isEqualTo(StandardProtocolFamily.INET);
    assertThat(options.socketOptions()).hasSize(2);
    Optional<NetworkInterface> found =
        NetworkInterface.networkInterfaces().filter(UdpExampleTest::canMulticast).findFirst();
    assumeThat(found).as("an interface that is up, with multicast and IPv4").isPresent();
    NetworkInterface networkInterface = found.get();
    InetAddress group = InetAddress.getByName("239.255.17.5");
    InetAddress babbler = InetAddress.getByName("192.0.2.99");
    ByteBuffer buffer = ByteBuffer.allocate(64);
    try (var dispatcher = new SelectorDispatcher()) {
      UdpSocket socket = dispatcher.bindUdp(new InetSocketAddress("0.0.0.0", 0), options);
      int port = ((InetSocketAddress) socket.localAddress()).getPort();
      InetSocketAddress self = new InetSocketAddress("127.0.0.1", port);
      dispatcher.runUntil(socket.send(ByteBuffer.allocate(3), self));
      try (MulticastMembership membership = socket.join(group, networkInterface)) {
        membership.block(babbler); // whatever else is sent to the group is received
        dispatcher.runUntil(socket.receive(buffer));
      }
      assertThat(buffer.position()).isEqualTo(3);
    }
  }
}
