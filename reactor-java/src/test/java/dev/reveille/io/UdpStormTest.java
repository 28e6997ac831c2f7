package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Task;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams without end: what they cost, and that others have their turn. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UdpStormTest {
  private final SelectorDispatcher loop = new SelectorDispatcher();
  private UdpSocket one;
  private UdpSocket other;

  @BeforeEach
  void open() throws Exception {
    one = loop.bindUdp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    other = loop.bindUdp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void close() {
    loop.close();
  }

  /** Sends itself a datagram for each that it receives: it always has something to receive. */
  @Test
  void aStormOfDatagramsStarvesNeitherNeighboursNorTimersNorOtherSockets() throws Exception {
    int[] polls = {0};
    int[] mostInAPoll = {0};
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    ByteBuffer datagram = ByteBuffer.allocateDirect(16);
    for (int i = 0; i < 3; i++) {
      loop.runUntil(one.send(datagram.clear(), one.localAddress()));
    }
    loop.spawn(
        "storm",
        cx -> {
          polls[0]++;
          int received = 0;
          while (one.pollReadable(cx).isReady()) {
            if (one.tryReceive(buffer.clear()) != null) {
              mostInAPoll[0] = Math.max(mostInAPoll[0], ++received);
              one.trySend(datagram.clear(), one.localAddress());
            }
          }
          return Poll.pending();
        });
    boolean[] timeWasUp = {false};
    loop.postAfter(Duration.ofMillis(20), () -> timeWasUp[0] = true);
    ByteBuffer quiet = ByteBuffer.allocate(64);
    JoinHandle<Complete> neighbour =
        loop.spawn(
            "neighbour",
            cx -> {
              other.trySend(datagram.clear(), other.localAddress());
              cx.waker("itself").wake();
              return timeWasUp[0] ? Poll.ready() : Poll.pending();
            });
    loop.runUntil(neighbour.join());
    loop.runUntil(other.receive(quiet));

    assertThat(quiet.position()).isEqualTo(16);
    assertThat(polls[0]).isGreaterThan(1);
    assertThat(mostInAPoll[0]).isPositive().isLessThanOrEqualTo(128);
  }

  /** Sends a datagram and waits for it to come back, or sends back what comes. */
  private static final class PingPong extends Task {
    private final UdpSocket socket;
    private final ByteBuffer buffer = ByteBuffer.allocate(64);
    private final boolean begins;
    private int left;

    PingPong(String name, UdpSocket socket, boolean begins, int rounds) {
      super(name);
      this.socket = socket;
      this.begins = begins;
      this.left = rounds;
    }

    @Override
    protected void init() {
      buffer.clear();
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      while (left > 0) {
        if (socket.pollReadable(cx).isPending()) {
          return Poll.pending();
        }
        if (socket.tryRead(buffer.clear()) >= 0) {
          left--;
          if (left > 0 || !begins) {
            socket.tryWrite(buffer.flip());
          }
        }
      }
      return Poll.ready();
    }
  }

  private long bytesOfRounds(ThreadMXBean threads, int rounds) throws Exception {
    long id = Thread.currentThread().getId();
    PingPong ping = new PingPong("ping", one, true, rounds);
    PingPong pong = new PingPong("pong", other, false, rounds);
    loop.post(ping);
    loop.post(pong);
    loop.post(
        () -> {
          try {
            one.tryWrite(ByteBuffer.allocate(32));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    loop.runToCompletion();
    return threads.getThreadAllocatedBytes(id) - before;
  }

  /** Both ways, through the reactor, with buffers on the heap: the difference is per datagram. */
  @Test
  void aDatagramOfAConnectedSocketAllocatesNothing() throws Exception {
    assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    one.connect(other.localAddress());
    other.connect(one.localAddress());
    bytesOfRounds(threads, 8_000); // until it is compiled
    long few = bytesOfRounds(threads, 500);
    long many = bytesOfRounds(threads, 8_500);
    assertThat((many - few) / 8_000).isZero();
  }
}
