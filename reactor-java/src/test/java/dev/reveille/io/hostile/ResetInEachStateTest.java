package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.io.ByteStream;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The peer sends RST while our end is in each of its states: whoever waits is woken and fails with
 * an {@link IOException} that is no end of the stream and no close of ours; a later use fails the
 * same way; the neighbours on the loop notice nothing; nothing is kept.
 */
final class ResetInEachStateTest extends HostileFixture {
  /** More than both systems take. */
  private static final int TOO_MUCH = 4 << 20;

  /** What our end does when the reset comes. */
  enum State {
    /** Nobody waits, nothing was ever asked of the selector. */
    IDLE {
      @Override
      void enter(Scene scene) {
        // as it is
      }
    },

    READER_WAITING {
      @Override
      void enter(Scene scene) {
        scene.read();
        assertThat(scene.test.waitReason("reader")).isEqualTo("bytes from the peer");
      }
    },

    /** The buffers of both systems are full. */
    WRITER_WAITING {
      @Override
      void enter(Scene scene) {
        scene.write();
        assertThat(scene.test.waitReason("writer")).isEqualTo("room to write");
      }
    },

    READER_AND_WRITER_WAITING {
      @Override
      void enter(Scene scene) {
        scene.read();
        scene.write();
        assertThat(scene.test.waitReason("reader")).isEqualTo("bytes from the peer");
        assertThat(scene.test.waitReason("writer")).isEqualTo("room to write");
      }
    },

    /** A write has begun, the peer has read some of it, and it went on. */
    IN_THE_MIDDLE_OF_A_PARTIAL_WRITE {
      @Override
      void enter(Scene scene) throws IOException {
        scene.write();
        scene.test.waitReason("writer");
        int written = scene.answer.position();
        assertThat(written).isBetween(1, TOO_MUCH - 1);
        scene.theirs.receive(written / 2);
        scene.test.runUntil("more is written", () -> scene.answer.position() > written);
        assertThat(scene.answer.hasRemaining()).isTrue();
      }
    },

    /** They have had our last byte, and have one of theirs to send. */
    AFTER_OUR_HALF_CLOSE {
      @Override
      void enter(Scene scene) throws Exception {
        scene.test.onLoop(
            () -> {
              scene.ours.shutdownOutput();
              return true;
            });
        assertThat(scene.theirs.receive()).isEqualTo(-1);
        scene.read();
        scene.test.waitReason("reader");
      }
    },

    /** We have had their last byte, and are answering. */
    AFTER_THEIR_HALF_CLOSE {
      @Override
      void enter(Scene scene) throws Exception {
        scene.theirs.finish();
        scene.read();
        JoinHandle<?> reader = scene.waiting.remove(0);
        assertThat(scene.test.await(reader.join()).value()).isEqualTo(-1);
        scene.write();
        scene.test.waitReason("writer");
      }
    },

    /** Bytes have come, and nobody has read them. */
    WITH_DATA_UNREAD {
      @Override
      void enter(Scene scene) throws IOException {
        scene.theirs.send(new byte[100]);
      }
    },

    /** The readiness for reading was reported, and the task has not come for it. */
    WITH_A_READINESS_UNATTENDED {
      @Override
      void enter(Scene scene) throws Exception {
        scene.read();
        scene.test.waitReason("reader");
        scene.theirs.send((byte) 1, (byte) 2);
        JoinHandle<?> reader = scene.waiting.remove(0);
        assertThat(scene.test.await(reader.join()).value()).isEqualTo(1);
      }
    };

    abstract void enter(Scene scene) throws Exception;

    /** The system tells it once; who writes takes the news, and a read after that finds the end. */
    boolean isToldToTheWriter() {
      return this == WRITER_WAITING
          || this == IN_THE_MIDDLE_OF_A_PARTIAL_WRITE
          || this == AFTER_THEIR_HALF_CLOSE;
    }
  }

  /** One connection, and the tasks that wait on it. */
  static final class Scene {
    final ResetInEachStateTest test;
    final TcpStream ours;
    final Peer theirs;
    final List<JoinHandle<?>> waiting = new ArrayList<>();
    final ByteBuffer answer = ByteBuffer.allocateDirect(TOO_MUCH);

    Scene(ResetInEachStateTest test, Connection connection) throws Exception {
      this.test = test;
      this.ours = connection.ours();
      this.theirs = connection.theirs();
      ours.setOption(StandardSocketOptions.SO_SNDBUF, 8192);
    }

    void read() {
      waiting.add(test.spawn("reader", ours.read(ByteBuffer.allocate(1))));
    }

    void write() {
      waiting.add(test.spawn("writer", ours.write(answer)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void isAFailureOfThatConnectionAndOfNothingElse(State state) throws Exception {
    Connection bystander = connected();
    TcpListener listener = loop.listen(anyPort());
    int sockets = Holdings.sockets();
    Scene scene = new Scene(this, connected());
    state.enter(scene);

    scene.theirs.reset();

    for (JoinHandle<?> each : scene.waiting) {
      assertReset(failureOf(each));
    }
    // What had arrived before may still be read; what follows is a failure, and never the end, and
    // it stays one.
    if (!state.isToldToTheWriter()) {
      assertReset(failureAfterTheRest(scene.ours));
      assertReset(failureAfterTheRest(scene.ours));
    }
    if (state != State.AFTER_OUR_HALF_CLOSE) {
      assertReset(failureOf(spawn("later writer", scene.ours.write(ByteBuffer.allocate(1)))));
    }
    assertThat(scene.ours.isOpen()).isTrue(); // it is its owner's to close
    assertEchoes(bystander);
    assertServes(listener);
    scene.ours.close();
    listener.close();
    loop.runUntilStalled();
    if (Holdings.DESCRIPTORS_ARE_KNOWN) {
      assertThat(Holdings.sockets()).isEqualTo(sockets - 1); // the listener is gone, too
    }
  }

  private Throwable failureAfterTheRest(ByteStream stream) {
    ByteBuffer rest = ByteBuffer.allocate(4096);
    for (; ; ) {
      try {
        assertThat(await(stream.read(rest)).value()).isNotEqualTo(-1);
      } catch (Exception e) {
        return e;
      }
    }
  }

  private void assertEchoes(Connection connection) throws Exception {
    connection.theirs().send((byte) 7);
    ByteBuffer one = ByteBuffer.allocate(1);
    assertThat(await(connection.ours().read(one)).value()).isEqualTo(1);
    await(connection.ours().write(one.flip()));
    assertThat(connection.theirs().receive()).isEqualTo(7);
  }

  /** The connection is established as far as the system is concerned, and reset before accept. */
  @Test
  void inTheAcceptQueueFailsTheStreamAndNotTheAcceptor() throws Exception {
    TcpListener listener = loop.listen(anyPort());
    for (int i = 0; i < 10; i++) {
      peer(listener.localAddress()).reset();
    }
    List<TcpStream> accepted = new ArrayList<>();
    var acceptor =
        loop.spawn(
            "acceptor",
            cx -> {
              for (; ; ) {
                Poll<TcpStream> stream = listener.pollAccept(cx);
                if (stream.isPending()) {
                  return Poll.pending();
                }
                accepted.add(stream.value());
              }
            });
    assertThat(waitReason("acceptor")).isEqualTo("a connection");
    Peer alive = peer(listener.localAddress());
    runUntil("the one who lives is accepted", () -> hasAccepted(accepted, alive));

    // A system may also drop them from its queue; Linux hands them out.
    for (TcpStream stream : accepted) {
      if (!stream.remoteAddress().equals(alive.localAddress())) {
        assertReset(failureAfterTheRest(stream));
      }
      stream.close();
    }
    assertThat(acceptor.isDone()).isFalse();
  }

  private static boolean hasAccepted(List<TcpStream> accepted, Peer peer) {
    return accepted.stream().anyMatch(s -> s.remoteAddress().equals(peer.localAddress()));
  }

  /** SYN gets no answer, since the queue is full; then RST, since the listener is gone. */
  @Test
  void whileConnectingIsARefusal() throws Exception {
    ServerSocket server = server(1);
    fillBacklog(server);
    JoinHandle<TcpStream> connect =
        spawn("connector", loop.connect(server.getLocalSocketAddress()));
    assertThat(waitReason("connector")).isEqualTo("a connection to be established");
    int sockets = Holdings.sockets();

    server.close();

    assertThatThrownBy(() -> await(connect.join())).isInstanceOf(ConnectException.class);
    loop.runUntilStalled();
    if (Holdings.DESCRIPTORS_ARE_KNOWN) {
      assertThat(Holdings.sockets()).isEqualTo(sockets - 2); // theirs, and the one that connected
    }
  }

  /** Resets that come as a crowd, each between two polls of its reader. */
  @Test
  void ofAHundredAtOnceWakesEachReaderOnce() throws Exception {
    TcpListener listener = loop.listen(anyPort());
    List<Peer> peers = new ArrayList<>();
    List<JoinHandle<?>> readers = new ArrayList<>();
    int[] polls = new int[100];
    for (int i = 0; i < 100; i++) {
      int number = i;
      peers.add(peer(listener.localAddress()));
      TcpStream stream = await(listener.accept()).value();
      ByteBuffer one = ByteBuffer.allocate(1);
      readers.add(
          spawn(
              "reader " + i,
              cx -> {
                polls[number]++;
                while (stream.pollReadable(cx).isReady()) {
                  try {
                    assertThat(stream.tryRead(one)).isZero();
                  } catch (IOException e) {
                    stream.close();
                    throw e;
                  }
                }
                return Poll.<Boolean>pending();
              }));
    }
    loop.runUntilStalled();

    for (Peer each : peers) {
      each.reset();
    }

    for (JoinHandle<?> each : readers) {
      assertReset(failureOf(each));
    }
    assertThat(polls).containsOnly(2);
    listener.close();
  }
}
