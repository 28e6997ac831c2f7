package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.Task;
import dev.reveille.contract.Rig;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Everybody comes at once. */
final class AcceptStormTest extends HostileFixture {
  private static final int THREADS = 4;
  private static final int EACH = 500;

  /** Of all threads together fewer than the system keeps for a listener by default: 50. */
  private static final int BURST = 12;

  /** Reads a number, sends it back, and stays until the peer goes. */
  private final class Session extends Task {
    private final TcpStream stream;
    private final ByteBuffer number = ByteBuffer.allocate(5);

    Session(TcpStream stream) {
      super("session");
      this.stream = stream;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      try {
        while (stream.pollReadable(cx).isReady()) {
          if (stream.tryRead(number) < 0) {
            return Poll.ready();
          }
          if (number.position() == 4) {
            if (!numbers.add(number.getInt(0))) {
              twice.add(number.getInt(0));
            }
            stream.tryWrite(number.duplicate().flip());
          }
        }
        return Poll.pending();
      } catch (IOException e) { // it goes by RST
        return Poll.ready();
      }
    }

    @Override
    protected void cleanup() {
      stream.close();
    }
  }

  private final Set<Integer> numbers = new HashSet<>();
  private final List<Integer> twice = new ArrayList<>();

  @Test
  void everyoneIsAcceptedExactlyOnceWhileTheOthersGoOn() throws Exception {
    TcpListener listener = loop.listen(anyPort());
    int[] accepted = {0};
    int[] mostInATurn = {0};
    JoinHandle<Object> acceptor =
        loop.spawn(
            "acceptor",
            cx -> {
              for (int inThisTurn = 1; ; inThisTurn++) {
                Poll<TcpStream> stream = listener.pollAccept(cx);
                if (stream.isPending()) {
                  return Poll.pending();
                }
                accepted[0]++;
                mostInATurn[0] = Math.max(mostInATurn[0], inThisTurn);
                loop.post(new Session(stream.value()));
              }
            });
    int[] neighbourPolls = {0};
    JoinHandle<Complete> neighbour =
        loop.spawn(
            "neighbour",
            cx -> {
              neighbourPolls[0]++;
              if (numbers.size() == THREADS * EACH) {
                return Poll.ready();
              }
              cx.waker("its next turn").wake();
              return Poll.pending();
            });
    CountDownLatch go = new CountDownLatch(1);
    List<FutureTask<Boolean>> storm = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int first = t * EACH;
      storm.add(
          rig.start(
              "storm " + t,
              () -> {
                Rig.await(go);
                return connectAndAsk(listener, first);
              }));
    }
    go.countDown();

    loop.runUntil(neighbour.join());
    acceptor.cancel();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    for (FutureTask<Boolean> each : storm) {
      assertThat(Rig.await(each)).isTrue();
    }

    assertThat(accepted[0]).isEqualTo(THREADS * EACH);
    assertThat(numbers).hasSize(THREADS * EACH);
    assertThat(twice).isEmpty();
    assertThat(mostInATurn[0]).isLessThanOrEqualTo(128);
    assertThat(neighbourPolls[0]).isGreaterThanOrEqualTo(THREADS * EACH / 128);
    listener.close();
  }

  /** In bursts that fit into the backlog, whatever the machine is busy with; all stay connected. */
  private boolean connectAndAsk(TcpListener listener, int first) throws IOException {
    List<Peer> peers = new ArrayList<>();
    try {
      boolean right = true;
      for (int i = 0; i < EACH; i += BURST) {
        int end = Math.min(i + BURST, EACH);
        for (int j = i; j < end; j++) {
          peers.add(Peer.connect(listener.localAddress()));
        }
        for (int j = i; j < end; j++) {
          peers.get(j).send(ByteBuffer.allocate(4).putInt(first + j).array());
        }
        for (int j = i; j < end; j++) {
          right &= ByteBuffer.wrap(peers.get(j).receive(4)).getInt() == first + j;
        }
      }
      return right;
    } finally {
      for (Peer each : peers) {
        each.close();
      }
    }
  }
}
