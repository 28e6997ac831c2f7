package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.contract.Rig;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Ten thousand who are connected and say nothing, from a process of their own. */
final class IdleConnectionsTest extends HostileFixture {
  private static final int WANTED = 10_000;
  private static final int TALK = 2_000;

  /** Waits for bytes without a buffer of its own: all sessions of the loop share one. */
  private final class Session extends Task {
    private final TcpStream stream;

    Session(TcpStream stream) {
      this.stream = stream;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      polls++;
      while (stream.pollReadable(cx).isReady()) {
        shared.clear();
        int n;
        try {
          n = stream.tryRead(shared);
        } catch (IOException e) {
          resets++;
          return Poll.ready();
        }
        if (n < 0) {
          return Poll.ready();
        }
        stream.tryWrite(shared.flip()); // a byte, which the system has room for
      }
      return Poll.pending();
    }

    @Override
    protected void cleanup() {
      stream.close();
      open--;
    }
  }

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final ByteBuffer shared = ByteBuffer.allocate(64);
  private long polls;
  private volatile int accepted;
  private volatile int open;
  private int resets;

  private ChildJvm clients;

  private static int affordable() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    if (system instanceof UnixOperatingSystemMXBean unix) {
      long free = unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount();
      return (int) Math.min(WANTED, free - 500);
    }
    return 1_000;
  }

  /** Runs the loop on the thread of the test until another thread has its answer. */
  private <T> T whileTheLoopRuns(Callable<T> elsewhere) throws Exception {
    FutureTask<T> task =
        rig.start(
            "talks to the clients",
            () -> {
              try {
                return elsewhere.call();
              } finally {
                loop.stop();
              }
            });
    loop.run();
    return Rig.await(task);
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  @Test
  void costLittleMemoryAndNoTime() throws Exception {
    int n = affordable();
    assumeTrue(n >= 1_000, () -> "too few descriptors for a test of many: " + n);
    if (n < WANTED) {
      System.out.printf("idle connections: %d in place of %d: descriptors%n", n, WANTED);
    }
    TcpListener listener = loop.listen(anyPort());
    var acceptor =
        loop.spawn(
            "acceptor",
            cx -> {
              for (Poll<TcpStream> s = listener.pollAccept(cx);
                  s.isReady();
                  s = listener.pollAccept(cx)) {
                accepted++;
                open++;
                loop.post(new Session(s.value()));
              }
              return Poll.pending();
            });
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    clients = closing(new ChildJvm(0, IdleClients.class, port));

    // One alone, for comparison; and everything is loaded and warm after it.
    assertThat(whileTheLoopRuns(() -> clients.tell("connect " + 1))).isEqualTo("connected 1");
    whileTheLoopRuns(() -> clients.tell("talk " + (3 * TALK)));
    long alone = cpuOfATalk();
    long heapBefore = usedHeap();
    long directBefore = Holdings.directMemoryNow();

    assertThat(whileTheLoopRuns(() -> clients.tell("connect " + (n - 1))))
        .isEqualTo("connected " + n);
    runUntil("all are accepted", () -> accepted == n);
    loop.runUntilStalled();
    double perConnection = (double) (usedHeap() - heapBefore) / (n - 1);
    if (Holdings.DESCRIPTORS_ARE_KNOWN) {
      assertThat(Holdings.registrations()).isGreaterThanOrEqualTo(n);
    }

    long pollsBefore = polls;
    long among = cpuOfATalk();
    long pollsOfTheOne = polls - pollsBefore;

    long before = threads.getCurrentThreadCpuTime();
    assertThat(whileTheLoopRuns(() -> clients.tell("all " + n))).isEqualTo("all " + n);
    long all = threads.getCurrentThreadCpuTime() - before;

    System.out.printf(
        "idle connections: %d of them, %.0f bytes of heap each (stream, key, channel, session,"
            + " task); a request costs %.1f us of CPU beside them, %.1f us alone,"
            + " %.1f us when all speak at once%n",
        n, perConnection, among / 1e3 / TALK, alone / 1e3 / TALK, all / 1e3 / n);
    assertThat(perConnection).isBetween(100.0, 4096.0);
    assertThat(Holdings.directMemoryNow() - directBefore).isLessThan(64 << 10);
    // The polls are those of the one that talks: at most two a request.
    assertThat(pollsOfTheOne).isBetween((long) TALK, 2L * TALK + 10);
    // A loop that looked at each of them for each request would need a hundred times as much.
    assertThat(among).isLessThan(5 * alone);
    // Nor does it look again and again at those whose turn has not come.
    assertThat(all / n).isLessThan(5 * alone / TALK);

    assertThat(whileTheLoopRuns(() -> clients.tell("leave " + 0))).isEqualTo("left " + n);
    runUntil("all sessions have ended", () -> open == 0);
    assertThat(resets).isEqualTo(n);
    acceptor.cancel();
    listener.close();
    loop.runUntilStalled();
  }

  /** The CPU time of the loop's thread, in nanoseconds. */
  private long cpuOfATalk() throws Exception {
    long before = threads.getCurrentThreadCpuTime();
    assertThat(whileTheLoopRuns(() -> clients.tell("talk " + TALK))).isEqualTo("talked " + TALK);
    return threads.getCurrentThreadCpuTime() - before;
  }
}
