package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.DispatcherOptions;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.Task;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I/O beside tasks that never sleep, and I/O that is always ready: counted in polls. */
final class BudgetIoTest {
  private static final int ROUNDS = 50;

  private final SelectorDispatcher loop = new SelectorDispatcher();

  @AfterEach
  void close() {
    loop.close();
  }

  /** Both ends of a connection, on this loop. */
  private TcpStream[] connected() throws Exception {
    TcpListener listener = loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Pollable<TcpStream> accept = listener.accept();
    Pollable<TcpStream> connect = loop.connect(listener.localAddress());
    TcpStream[] ends = new TcpStream[2];
    Poll<Complete> both =
        loop.runUntil(
            cx -> {
              if (ends[0] == null) {
                Poll<TcpStream> poll = connect.poll(cx);
                ends[0] = poll.isReady() ? poll.value() : null;
              }
              if (ends[1] == null) {
                Poll<TcpStream> poll = accept.poll(cx);
                ends[1] = poll.isReady() ? poll.value() : null;
              }
              return ends[0] != null && ends[1] != null ? Poll.ready() : Poll.pending();
            });
    assertThat(both.isReady()).isTrue();
    listener.close();
    return ends;
  }

  /** Sends a byte, waits for it to come back, and so on; or sends back what comes. */
  private static final class PingPong extends Task {
    private final TcpStream stream;
    private final ByteBuffer buffer = ByteBuffer.allocate(1);
    private boolean sending;
    private int left;

    PingPong(String name, TcpStream stream, boolean begins) {
      super(name);
      this.stream = stream;
      this.sending = begins;
      this.left = ROUNDS;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      while (left > 0) {
        if (sending) {
          buffer.clear();
          stream.tryWrite(buffer); // one byte, into an empty connection
          assertThat(buffer.hasRemaining()).isFalse();
          sending = false;
        } else {
          if (stream.pollReadable(cx).isPending()) {
            return Poll.pending();
          }
          buffer.clear();
          if (stream.tryRead(buffer) == 1) {
            sending = true;
            left--;
          }
        }
      }
      if (sending) { // the last answer
        buffer.clear();
        stream.tryWrite(buffer);
        sending = false;
      }
      return Poll.ready();
    }
  }

  /** Never sleeps: takes all the budget that it gets, until it is told to end. */
  private static final class Restless implements Pollable<Complete> {
    boolean mayEnd;
    int polls;
    long steps;

    @Override
    public Poll<Complete> poll(Context cx) {
      polls++;
      while (!mayEnd) {
        if (!cx.tryProceed()) {
          return Poll.pending();
        }
        steps++;
      }
      return Poll.ready();
    }
  }

  /** "Every 64 polls ... the loop ... polls I/O. So nothing starves: not I/O". */
  @Test
  void aTaskThatNeverSleepsDoesNotStarveIo() throws Exception {
    TcpStream[] ends = connected();
    Restless restless = new Restless();
    var restlessHandle = loop.spawn("restless", restless);
    var first = loop.spawn(new PingPong("ping", ends[0], true));
    var second = loop.spawn(new PingPong("pong", ends[1], false));

    loop.runUntil(first.join());
    loop.runUntil(second.join());
    restless.mayEnd = true;
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(restlessHandle.isDone()).isTrue();
    assertThat(restless.steps).isGreaterThan(128);
    // A byte needs one look at I/O, which comes once in 64 polls, and a second one where the report
    // of an earlier byte has taken the interest out. The rest is for a system that is slow to carry
    // a byte to itself; a loop that starves I/O would not end at all.
    assertThat(restless.polls).isLessThan(ROUNDS * 2 * 64 * 20);
  }

  /** A stream that has always more to read gives way after 128 reads, and loses nothing by it. */
  @Test
  void aStreamThatIsAlwaysReadableGivesWayToItsNeighbour() throws Exception {
    int bytes = 10_000;
    TcpStream[] ends = connected();
    loop.runUntil(ends[0].write(ByteBuffer.allocate(bytes))); // fits into the system's buffers
    loop.runUntil(
        cx -> {
          ends[0].shutdownOutput();
          return Poll.ready();
        });
    int[] read = {0};
    int[] readInThisPoll = {0};
    int[] most = {0};
    int[] polls = {0};
    ByteBuffer one = ByteBuffer.allocate(1);
    var reader =
        loop.spawn(
            "reader",
            cx -> {
              polls[0]++;
              readInThisPoll[0] = 0;
              while (ends[1].pollReadable(cx).isReady()) {
                one.clear();
                if (ends[1].tryRead(one) < 0) {
                  return Poll.ready();
                }
                read[0]++;
                most[0] = Math.max(most[0], ++readInThisPoll[0]);
              }
              return Poll.pending();
            });
    int[] neighbourPolls = {0};
    loop.spawn(
        "neighbour",
        cx -> {
          neighbourPolls[0]++;
          if (reader.isDone()) {
            return Poll.ready();
          }
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(read[0]).isEqualTo(bytes);
    assertThat(most[0]).isLessThanOrEqualTo(128);
    assertThat(polls[0]).isGreaterThanOrEqualTo(bytes / 128);
    assertThat(neighbourPolls[0]).isGreaterThanOrEqualTo(polls[0] - 1);
  }

  /** Over the Unix domain a connection is there at once. */
  @Test
  void oneWhoConnectsAgainAndAgainGivesWay(@TempDir Path directory) throws Exception {
    int connections = 20;
    int budget = 8;
    try (SelectorDispatcher thrifty =
        new SelectorDispatcher(DispatcherOptions.defaults().withBudget(budget))) {
      TcpListener listener =
          thrifty.listen(
              UnixDomainSocketAddress.of(directory.resolve("socket")),
              ListenOptions.defaults().withBacklog(2 * connections));
      int[] polls = {0};
      int[] connected = {0};
      Pollable<?>[] connect = {thrifty.connect(listener.localAddress())};
      thrifty.runUntil(
          cx -> {
            polls[0]++;
            while (connected[0] < connections) {
              if (connect[0].poll(cx).isPending()) {
                return Poll.pending();
              }
              connected[0]++;
              connect[0] = thrifty.connect(listener.localAddress());
            }
            return Poll.ready();
          });
      assertThat(polls[0]).isGreaterThanOrEqualTo(connections / budget);
    }
  }
}
