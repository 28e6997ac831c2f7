package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.contract.Rig;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Peers that send a byte now and then, and peers that send without an end. */
final class DripAndFloodTest extends HostileFixture {

  /** Reads messages of a fixed length, however they come in, and answers each with one byte. */
  private static final class Session extends Task {
    final TcpStream stream;
    final ByteBuffer message;
    int bytes;
    int polls;
    int answered;

    Session(String name, TcpStream stream, int length) {
      super(name);
      this.stream = stream;
      this.message = ByteBuffer.allocate(length);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      polls++;
      while (stream.pollReadable(cx).isReady()) {
        int n = stream.tryRead(message);
        if (n < 0) {
          return Poll.ready();
        }
        bytes += n;
        if (!message.hasRemaining()) {
          message.clear();
          stream.tryWrite(ByteBuffer.wrap(new byte[] {'!'}));
          answered++;
        }
      }
      return Poll.pending();
    }

    @Override
    protected void cleanup() {
      stream.close();
    }
  }

  /** One byte at a time: each is one poll, and costs the others nothing. */
  @Test
  void peersThatDripAreServedByteByByteBesideOneThatIsFast() throws Exception {
    int length = 40;
    List<Session> slow = new ArrayList<>();
    List<Peer> dripping = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Connection connection = connected();
      Session session = new Session("slow " + i, connection.ours(), length);
      slow.add(session);
      dripping.add(connection.theirs());
      loop.post(session);
    }
    Connection fastConnection = connected();
    Session fast = new Session("fast", fastConnection.ours(), length);
    loop.post(fast);
    loop.runUntilStalled();

    for (int sent = 1; sent <= length; sent++) {
      for (Peer each : dripping) {
        each.send((byte) sent);
      }
      fastConnection.theirs().send(new byte[length]);
      int round = sent;
      runUntil("the fast one is answered in round " + sent, () -> fast.answered == round);
      runUntil("every byte of the round", () -> slow.stream().allMatch(s -> s.bytes == round));
    }

    for (Session each : slow) {
      assertThat(each.answered).as(each.name()).isEqualTo(1);
      // The first, one for each byte, and one where bytes were reported twice.
      assertThat(each.polls).as(each.name()).isLessThanOrEqualTo(1 + 2 * length);
    }
    for (Peer each : dripping) {
      assertThat(each.receive()).isEqualTo('!');
      each.finish();
    }
    fastConnection.theirs().finish();
    runUntil("all sessions have ended", () -> loop.snapshot().tasks().isEmpty());
  }

  /**
   * The worst of clients for a server that is fair: frames without an end, each as small as it can
   * be, each read by itself. It gets its 128 reads a turn, and its neighbours theirs.
   */
  @Test
  void aMillionTinyFramesLeaveTheNeighboursTheirTurnsAndTheHeapAsItWas() throws Exception {
    int frames = 1_000_000;
    Connection connection = connected();
    ByteBuffer frame = ByteBuffer.allocateDirect(2); // a length of one, and the one byte
    int[] read = {0};
    int[] polls = {0};
    long[] sum = {0};
    TcpStream stream = connection.ours();
    JoinHandle<Complete> reader =
        loop.spawn(
            "reader",
            cx -> {
              polls[0]++;
              while (stream.pollReadable(cx).isReady()) {
                if (stream.tryRead(frame) < 0) {
                  return Poll.ready();
                }
                if (!frame.hasRemaining()) {
                  sum[0] += frame.get(0) * frame.get(1); // no assertion here: it would allocate
                  read[0]++;
                  frame.clear();
                }
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
          cx.waker("its next turn").wake();
          return Poll.pending();
        });
    FutureTask<Boolean> flood =
        rig.start(
            "flood",
            () -> {
              byte[] pipelined = new byte[2 * 10_000];
              Arrays.fill(pipelined, (byte) 1);
              for (int sent = 0; sent < frames; sent += 10_000) {
                connection.theirs().send(pipelined);
              }
              connection.theirs().finish();
              return true;
            });
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(thread);

    loop.runUntil(reader.join());

    long allocated = threads.getThreadAllocatedBytes(thread) - before;
    Rig.await(flood);
    assertThat(read[0]).isEqualTo(frames);
    assertThat(sum[0]).isEqualTo(frames);
    assertThat(polls[0]).isGreaterThanOrEqualTo(frames / 128);
    assertThat(neighbourPolls[0]).isGreaterThanOrEqualTo(polls[0] - 1);
    System.out.printf(
        "a million tiny frames: %.2f bytes allocated per frame, %d polls%n",
        (double) allocated / frames, polls[0]);
    assertThat(allocated / frames).isLessThan(4);
    loop.runToCompletion();
    stream.close();
  }
}
