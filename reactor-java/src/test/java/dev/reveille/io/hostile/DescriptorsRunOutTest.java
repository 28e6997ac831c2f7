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

  /** The queue of the system keeps who can not be accepted; each gets its turn when others go. */
  @Test
  void thoseWhoCanNotBeAcceptedAreServedWhenOthersHaveGone() throws Exception {
    assumeTrue(Holdings.DESCRIPTORS_ARE_KNOWN);
    ChildJvm server = closing(new ChildJvm(64, PoorServer.class));
    InetSocketAddress address =
        new InetSocketAddress(
            InetAddress.getLoopbackAddress(), Integer.parseInt(server.tell("port")));
    // It has met all its classes before they cost a descriptor that is not there.
    try (Peer first = Peer.connect(address)) {
      assertAnswers(first);
    }
    Deque<Peer> peers = new ArrayDeque<>();
    int accepted = 1;
    // One more than it has descriptors for: that one waits in the queue, and so do five others.
    while (report(server)[1] == 0) {
      peers.add(peer(address));
      peers.getLast().send((byte) 1);
      int expected = peers.size() + 1;
      accepted = awaitAcceptedOrRefused(server, expected);
      assertThat(peers.size()).isLessThan(64);
    }
    for (int i = 0; i < 5; i++) {
      peers.add(peer(address));
      peers.getLast().send((byte) 1);
    }
    assertThat(accepted - 1).isLessThan(peers.size());

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
    assertThat(report[1]).isPositive();
    assertThat(report[2]).isLessThan(10 * report[0] + 10 * report[1]); // it has not spun
    assertThat(report[3]).isZero();
  }

  private static int awaitAcceptedOrRefused(ChildJvm server, int expected) throws Exception {
    for (; ; ) {
      int[] report = report(server);
      if (report[0] == expected || report[1] > 0) {
        return report[0];
      }
    }
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
