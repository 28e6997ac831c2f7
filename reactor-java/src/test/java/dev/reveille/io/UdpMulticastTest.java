package dev.reveille.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.combine.Timeout;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Groups, by way of an interface of this machine that gives back what is sent to them. */
final class UdpMulticastTest {
  private static final UdpOptions IPV4 =
      UdpOptions.defaults().withFamily(StandardProtocolFamily.INET);

  private final SelectorDispatcher loop = new SelectorDispatcher();
  private InetAddress group;
  private NetworkInterface networkInterface;
  private InetAddress self;
  private UdpSocket receiver;
  private UdpSocket sender;
  private SocketAddress destination;

  @BeforeEach
  void openSockets() throws Exception {
    group = InetAddress.getByName("239.255.17.4"); // of the organization: not routed further
    List<String> tried = new ArrayList<>();
    NetworkInterface usable = findInterface(tried);
    assumeThat(usable)
        .as("no interface gives multicast back to this machine; tried " + tried)
        .isNotNull();
    networkInterface = usable;
    self = ipv4Of(usable);
    receiver =
        loop.bindUdp(
            new InetSocketAddress("0.0.0.0", 0),
            IPV4.withSocketOption(StandardSocketOptions.SO_REUSEADDR, true));
    destination =
        new InetSocketAddress(group, ((InetSocketAddress) receiver.localAddress()).getPort());
    sender = loop.bindUdp(new InetSocketAddress(self, 0), IPV4);
    sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, networkInterface);
    sender.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0); // does not leave this machine
  }

  @AfterEach
  void close() {
    loop.close();
  }

  /** With the JDK's blocking sockets only: what is tested is not what decides. */
  private @Nullable NetworkInterface findInterface(List<String> tried) throws IOException {
    for (NetworkInterface each :
        NetworkInterface.networkInterfaces().toArray(NetworkInterface[]::new)) {
      InetAddress address = ipv4Of(each);
      if (address == null || !each.isUp()) {
        continue;
      }
      try (MulticastSocket socket = new MulticastSocket(0)) {
        socket.joinGroup(new InetSocketAddress(group, 0), each);
        socket.setNetworkInterface(each);
        socket.setTimeToLive(0);
        socket.setSoTimeout(500);
        socket.send(new DatagramPacket(new byte[1], 1, group, socket.getLocalPort()));
        socket.receive(new DatagramPacket(new byte[1], 1));
        return each;
      } catch (IOException e) {
        tried.add(each.getName() + ": " + e);
      }
    }
    return null;
  }

  private static @Nullable InetAddress ipv4Of(NetworkInterface networkInterface) {
    return networkInterface
        .inetAddresses()
        .filter(address -> address instanceof Inet4Address)
        .findFirst()
        .orElse(null);
  }

  private void send(String text) throws Exception {
    loop.runUntil(sender.send(ByteBuffer.wrap(text.getBytes(US_ASCII)), destination));
  }

  private String receive() throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(64);
    Pollable<SocketAddress> receive = receiver.receive(buffer);
    loop.runUntil(Timeout.after(Duration.ofSeconds(20), receive));
    return US_ASCII.decode(buffer.flip()).toString();
  }

  private boolean isAnythingThere() throws Exception {
    return loop.<Boolean>runUntil(
            cx -> Poll.ready(receiver.tryReceive(ByteBuffer.allocate(64)) != null))
        .value();
  }

  @Test
  void whatIsSentToTheGroupIsReceivedUntilItIsLeft() throws Exception {
    MulticastMembership membership = receiver.join(group, networkInterface);
    assertThat(membership.group()).isEqualTo(group);
    assertThat(membership.networkInterface()).isEqualTo(networkInterface);
    assertThat(membership.source()).isNull();
    assertThat(membership.isValid()).isTrue();
    send("to the group");
    assertThat(receive()).isEqualTo("to the group");

    membership.close();
    membership.close();
    assertThat(membership.isValid()).isFalse();
    assertThat(membership.toString()).contains("over");
    send("after");
    assertThat(isAnythingThere()).isFalse();
  }

  @Test
  void twoSocketsOfOnePortBothReceive() throws Exception {
    UdpSocket other =
        loop.bindUdp(
            receiver.localAddress(),
            IPV4.withSocketOption(StandardSocketOptions.SO_REUSEADDR, true));
    receiver.join(group, networkInterface);
    other.join(group, networkInterface);
    send("to both");
    assertThat(receive()).isEqualTo("to both");
    ByteBuffer buffer = ByteBuffer.allocate(64);
    loop.runUntil(Timeout.after(Duration.ofSeconds(20), other.receive(buffer)));
    assertThat(buffer.position()).isEqualTo(7);
  }

  @Test
  void onlyTheNamedSourceIsReceived() throws Exception {
    InetAddress stranger = InetAddress.getByName("192.0.2.77");
    MulticastMembership strangers = receiver.join(group, networkInterface, stranger);
    assertThat(strangers.source()).isEqualTo(stranger);
    send("not from the stranger");
    assertThat(isAnythingThere()).isFalse();

    receiver.join(group, networkInterface, self);
    send("from ourselves");
    assertThat(receive()).isEqualTo("from ourselves");
    assertThatThrownBy(() -> receiver.join(group, networkInterface))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aBlockedSourceIsNotReceivedUntilItIsUnblocked() throws Exception {
    try (MulticastMembership membership = receiver.join(group, networkInterface)) {
      membership.block(self);
      send("blocked");
      assertThat(isAnythingThere()).isFalse();
      membership.unblock(self);
      send("unblocked");
      assertThat(receive()).isEqualTo("unblocked");
    }
  }

  @Test
  void withoutTheLoopBackNothingComesBack() throws Exception {
    receiver.join(group, networkInterface);
    sender.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
    send("away");
    assertThat(isAnythingThere()).isFalse();
    sender.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
    send("and back");
    assertThat(receive()).isEqualTo("and back");
    assertThat(sender.getOption(StandardSocketOptions.IP_MULTICAST_IF)).isEqualTo(networkInterface);
  }

  @Test
  void closingTheSocketEndsTheMembership() throws Exception {
    MulticastMembership membership = receiver.join(group, networkInterface);
    receiver.close();
    assertThat(membership.isValid()).isFalse();
    membership.close();
  }

  @Test
  void anAddressThatIsNoGroupIsRefused() {
    assertThatThrownBy(() -> receiver.join(self, networkInterface))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
