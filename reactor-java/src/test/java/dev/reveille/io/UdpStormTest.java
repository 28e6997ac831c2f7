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
import java.net.SocketAddress;
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
  private final class PingPong extends Task {
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
    protected void init() throws IOException {
      if (begins) {
        buffer.limit(32);
        if (socket.remoteAddress() == null) {
          socket.trySend(buffer, other.localAddress());
        } else {
          socket.tryWrite(buffer);
        }
      }
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      boolean connected = socket.remoteAddress() != null;
      while (left > 0) {
        if (socket.pollReadable(cx).isPending()) {
          return Poll.pending();
        }
        buffer.clear();
        SocketAddress from = null;
        if (connected ? socket.tryRead(buffer) < 0 : (from = socket.tryReceive(buffer)) == null) {
          continue;
        }
        left--;
        if (left > 0 || !begins) {
          if (from == null) {
            socket.tryWrite(buffer.flip());
          } else {
            socket.trySend(buffer.flip(), from);
          }
        }
      }
      return Poll.ready();
    }
  }

  private long bytesOfRounds(ThreadMXBean threads, int rounds) {
    long id = Thread.currentThread().getId();
    loop.post(new PingPong("ping", one, true, rounds));
    loop.post(new PingPong("pong", other, false, rounds));
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    loop.runToCompletion();
    return threads.getThreadAllocatedBytes(id) - before;
  }

  /** Both ways, through the reactor, with buffers on the heap: the difference is per datagram. */
  private long bytesPerRound() {
    assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    bytesOfRounds(threads, 8_000); // until it is compiled
    long few = bytesOfRounds(threads, 500);
    long many = bytesOfRounds(threads, 8_500);
    return (many - few) / 8_000;
  }

  @Test
  void aDatagramOfAConnectedSocketAllocatesNothing() throws Exception {
    one.connect(other.localAddress());
    other.connect(one.localAddress());
    assertThat(bytesPerRound()).isZero();
  }

  @Test
  void aDatagramFromTheSameSourceAsBeforeAllocatesNothing() {
    assertThat(bytesPerRound()).isZero();
  }
}
