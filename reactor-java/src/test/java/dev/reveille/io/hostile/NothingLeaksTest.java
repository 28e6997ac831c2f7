package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reveille.Poll;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The accounts themselves: they have to notice what is kept. */
final class NothingLeaksTest {
  private Holdings before;

  @BeforeEach
  void countBefore() {
    before = Holdings.now();
  }

  private void assertBalanced() {
    assertThat(NothingLeaks.settledDifferences(before)).isEmpty();
  }

  @Test
  void aSocketThatStaysOpenIsNoticed() throws Exception {
    assumeTrue(Holdings.DESCRIPTORS_ARE_KNOWN);
    try (ServerSocket kept = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(kept.isBound()).isTrue();
      assertThat(Holdings.now().differences(before)).hasSize(1).asString().contains("socket");
    }
    assertBalanced();
  }

  @Test
  void aDispatcherThatIsNotClosedIsNoticed() {
    assumeTrue(Holdings.DESCRIPTORS_ARE_KNOWN);
    try (SelectorDispatcher kept = new SelectorDispatcher()) {
      assertThat(Holdings.now().differences(before))
          .as("%s", kept)
          .asString()
          .contains("eventpoll");
    }
    assertBalanced();
  }

  @Test
  void directMemoryIsNoticed() {
    ByteBuffer kept = ByteBuffer.allocateDirect(100_000);
    assertThat(Holdings.now().differences(before))
        .as("%s", kept)
        .asString()
        .contains("direct memory");
  }

  @Test
  void aThreadThatLivesOnIsNoticed() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Thread kept = new Thread(() -> awaitQuietly(end), "straggler");
    kept.start();
    assertThat(Holdings.now().differences(before)).asString().contains("straggler");
    end.countDown();
    kept.join();
    assertBalanced();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      Rig.await(latch);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The kernel's own account of what is registered, and of wake-ups that nobody has taken. */
  @Test
  void whatSelectorsHoldIsCountedFromOutside() throws Exception {
    assumeTrue(Holdings.DESCRIPTORS_ARE_KNOWN);
    int idle = Holdings.registrations();
    try (SelectorDispatcher loop = new SelectorDispatcher();
        Selector selector = Selector.open()) {
      int started = Holdings.registrations();
      assertThat(started).isEqualTo(idle + 2); // each selector watches its own wake-up
      InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      TcpListener listener = loop.listen(anyPort);
      var accept = loop.spawn("acceptor", listener.accept());
      loop.runUntilStalled();
      assertThat(Holdings.registrations()).isEqualTo(started + 1);
      loop.runUntil(cx -> Poll.ready(accept.cancel()));
      listener.close();
      loop.runUntilStalled();
      assertThat(Holdings.registrations()).isEqualTo(started);

      int taken = Holdings.untakenWakeUps();
      selector.wakeup();
      selector.wakeup();
      assertThat(Holdings.untakenWakeUps()).isEqualTo(taken + 1);
      selector.selectNow();
      assertThat(Holdings.untakenWakeUps()).isEqualTo(taken);
    }
    assertBalanced();
  }
}
