package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.contract.Rig;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Peers that ask for much and read nothing, or a little now and then. */
final class NeverReadsTest extends HostileFixture {
  private static final long GIGABYTE = 1L << 30;

  /** What both systems may hold of one connection, whatever they think of its future. */
  private static final long SYSTEM_BUFFERS = 64L << 20;

  /** Offers a gigabyte in chunks, and counts. */
  private static final class Offer implements Pollable<Complete> {
    private final TcpStream stream;
    private final ByteBuffer chunk;
    long written;
    int polls;

    Offer(TcpStream stream, ByteBuffer chunk) {
      this.stream = stream;
      this.chunk = chunk;
    }

    @Override
    public Poll<Complete> poll(Context cx) throws IOException {
      polls++;
      while (written < GIGABYTE) {
        if (stream.pollWritable(cx).isPending()) {
          return Poll.pending();
        }
        written += stream.tryWrite(chunk.hasRemaining() ? chunk : chunk.clear());
      }
      return Poll.ready();
    }
  }

  @Test
  void holdTheirWritersBackAndNobodyElse() throws Exception {
    List<Connection> connections = new ArrayList<>();
    List<Offer> offers = new ArrayList<>();
    List<JoinHandle<Complete>> writers = new ArrayList<>();
    long direct = Holdings.directMemoryNow();
    for (int i = 0; i < 20; i++) {
      Connection connection = connected();
      connection.ours().setOption(StandardSocketOptions.SO_SNDBUF, 64 << 10);
      connections.add(connection);
      // By turns of the heap, which the JDK copies by way of a buffer of its own, and direct.
      ByteBuffer chunk =
          i % 2 == 0 ? ByteBuffer.allocate(64 << 10) : ByteBuffer.allocateDirect(64 << 10);
      offers.add(new Offer(connection.ours(), chunk));
      writers.add(spawn("writer", offers.get(i)));
    }
    assertThat(waitReason("writer")).isEqualTo("room to write");
    int[] polls = offers.stream().mapToInt(o -> o.polls).toArray();

    // Others talk meanwhile; the writers are not polled for it.
    Connection other = connected();
    for (int i = 0; i < 1000; i++) {
      other.theirs().send((byte) 1);
      await(other.ours().read(ByteBuffer.allocate(1)));
    }

    assertThat(offers.stream().mapToInt(o -> o.polls).toArray()).isEqualTo(polls);
    assertThat(offers).allMatch(o -> o.written > 0 && o.written < SYSTEM_BUFFERS);
    // Ten direct chunks of the test, and what the JDK keeps for this thread: one of each size.
    assertThat(Holdings.directMemoryNow() - direct).isLessThan(10 * (64 << 10) + (256 << 10));
    for (int i = 0; i < 20; i++) {
      connections.get(i).theirs().reset();
      assertReset(failureOf(writers.get(i)));
      connections.get(i).ours().close();
    }
  }

  /** A peer that reads now and then lets the writer on now and then, and gets every byte. */
  @Test
  void whenTheyReadAfterAllTheyGetItAllInOrder() throws Exception {
    Connection connection = connected();
    TcpStream stream = connection.ours();
    stream.setOption(StandardSocketOptions.SO_SNDBUF, 8192);
    int size = 1 << 20;
    ByteBuffer bytes = ByteBuffer.allocate(size);
    for (int i = 0; i < size; i++) {
      bytes.put((byte) (i * 31 >> 4));
    }
    JoinHandle<Complete> write = loop.spawn("writer", stream.write(bytes.flip()));
    assertThat(waitReason("writer")).isEqualTo("room to write");
    FutureTask<Integer> sips =
        rig.start(
            "sips",
            () -> {
              int wrong = 0;
              for (int i = 0; i < size; i += 512) {
                byte[] sip = connection.theirs().receive(512);
                for (int j = 0; j < 512; j++) {
                  wrong += sip[j] == (byte) ((i + j) * 31 >> 4) ? 0 : 1;
                }
              }
              return wrong;
            });
    await(write.join());
    assertThat(Rig.await(sips)).isZero();
    stream.close();
  }

  /** A writer that is given up, as by a time-out: its buffer says how far it came. */
  @Test
  void aWriterThatIsGivenUpLeavesNothingBehind() throws Exception {
    Connection connection = connected();
    TcpStream stream = connection.ours();
    stream.setOption(StandardSocketOptions.SO_SNDBUF, 8192);
    ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
    JoinHandle<Complete> write = loop.spawn("writer", stream.write(bytes));
    assertThat(waitReason("writer")).isEqualTo("room to write");
    write.cancel();
    loop.runUntilStalled();
    int written = bytes.position();
    assertThat(written).isBetween(1, bytes.capacity() - 1);
    stream.close();
    // Exactly what the buffer says has been handed over, and then the end.
    connection.theirs().receive(written);
    assertThat(connection.theirs().receive()).isEqualTo(-1);
  }
}
