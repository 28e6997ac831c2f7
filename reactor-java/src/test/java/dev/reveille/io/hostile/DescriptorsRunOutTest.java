package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** More peers than the server has descriptors for. */
final class DescriptorsRunOutTest extends HostileFixture {
  private static final int DESCRIPTORS = 64;
  private static final int PEERS = 75;

  /** The queue of the system keeps who can not be accepted; each gets its turn when others go. */
  @Test
  void thoseWhoCanNotBeAcceptedAreServedWhenOthersHaveGone() throws Exception {
    assumeTrue(Holdings.DESCRIPTORS_ARE_KNOWN);
    ChildJvm server = closing(new ChildJvm(DESCRIPTORS, PoorServer.class));
    InetSocketAddress address =
        new InetSocketAddress(
            InetAddress.getLoopbackAddress(), Integer.parseInt(server.tell("port")));
    // It has met all its classes before they cost a descriptor that is not there.
    try (Peer first = Peer.connect(address)) {
      assertAnswers(first);
    }
    Deque<Peer> peers = new ArrayDeque<>();
    for (int i = 0; i < PEERS; i++) { // those who are not accepted fit into the backlog
      peers.add(peer(address));
      peers.getLast().send((byte) 1);
    }
    assertThat(report(server)[0] - 1).isLessThan(PEERS); // it had fewer descriptors than that

    int served = 0;
    while (!peers.isEmpty()) { // whoever is answered goes, and makes room
      Peer each = peers.removeFirst();
      assertThat(each.receive()).isEqualTo(1);
      each.close();
      served++;
    }

    int[] report = report(server);
    System.out.println(
        "descriptors run out: accepted, refused, polls, uncaught " + Arrays.toString(report));
    assertThat(report[0]).isEqualTo(served + 1);
    // It has not spun: a poll or two for each who came, and some for each pause.
    assertThat(report[2]).isLessThan(10 * (PEERS + report[1]));
    assertThat(report[3]).isZero();
  }

  private static void assertAnswers(Peer peer) throws Exception {
    peer.send((byte) 1);
    assertThat(peer.receive()).isEqualTo(1);
  }

  /** Accepted, refused, polls, uncaught. */
  private static int[] report(ChildJvm server) throws Exception {
    return Arrays.stream(server.tell("report").split(" ")).mapToInt(Integer::parseInt).toArray();
  }
}
