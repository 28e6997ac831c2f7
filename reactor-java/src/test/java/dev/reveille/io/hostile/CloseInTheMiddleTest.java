package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.contract.Rig;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Somebody closes what a task is in the middle of: a read, a write, an accept, a connect. Whoever
 * closes, the one who waits is woken and told, and the descriptors are back while the dispatcher
 * lives on.
 */
final class CloseInTheMiddleTest extends HostileFixture {

  /** What is under way. */
  enum Operation {
    READ("bytes from the peer") {
      @Override
      UnderWay begin(CloseInTheMiddleTest test) throws Exception {
        Connection connection = test.connected();
        TcpStream stream = connection.ours();
        return new UnderWay(
            stream.read(ByteBuffer.allocate(8)),
            stream::close,
            () -> connection.theirs().send((byte) 1));
      }
    },
    WRITE("room to write") {
      @Override
      UnderWay begin(CloseInTheMiddleTest test) throws Exception {
        Connection connection = test.connected();
        TcpStream stream = connection.ours();
        stream.setOption(StandardSocketOptions.SO_SNDBUF, 8192);
        return new UnderWay(
            stream.write(ByteBuffer.allocate(1 << 20)),
            stream::close,
            () -> connection.theirs().receive(1024));
      }
    },
    ACCEPT("a connection") {
      @Override
      UnderWay begin(CloseInTheMiddleTest test) throws Exception {
        TcpListener listener = test.loop.listen(anyPort());
        return new UnderWay(
            listener.accept(), listener::close, () -> test.peer(listener.localAddress()).close());
      }
    },
    /** There is nothing to close but the operation: its owner cancels it. */
    CONNECT("a connection to be established") {
      @Override
      UnderWay begin(CloseInTheMiddleTest test) throws Exception {
        ServerSocket server = test.server(1);
        test.fillBacklog(server);
        Pollable<TcpStream> connect = test.loop.connect(server.getLocalSocketAddress());
        return new UnderWay(connect, () -> test.connector.cancel(), server::close);
      }
    };

    final String waitReason;

    Operation(String waitReason) {
      this.waitReason = waitReason;
    }

    abstract UnderWay begin(CloseInTheMiddleTest test) throws Exception;

    Class<? extends Exception> failure() {
      return this == CONNECT ? CancellationException.class : ClosedChannelException.class;
    }
  }

  private interface Action {
    void run() throws Exception;
  }

  /** An operation, how it is closed, and what would let it go on. */
  private record UnderWay(Pollable<?> operation, Action close, Action event) {}

  /** Who closes it. */
  enum Closer {
    /** A task on the same loop. */
    ANOTHER_TASK {
      @Override
      void close(CloseInTheMiddleTest test, Action close) throws Exception {
        test.onLoop(
            () -> {
              close.run();
              return true;
            });
      }
    },
    /** The thread that drives at other times. */
    NOBODY_DRIVES {
      @Override
      void close(CloseInTheMiddleTest test, Action close) throws Exception {
        close.run();
      }
    },
    /** A thread that has never driven, while nobody does. */
    ANOTHER_THREAD {
      @Override
      void close(CloseInTheMiddleTest test, Action close) throws Exception {
        test.rig.callElsewhere(
            () -> {
              close.run();
              return true;
            });
      }
    };

    abstract void close(CloseInTheMiddleTest test, Action close) throws Exception;
  }

  /** Of {@link Operation#CONNECT}. */
  private JoinHandle<?> connector;

  private UnderWay begin(Operation operation) throws Exception {
    UnderWay underWay = operation.begin(this);
    connector = spawn("waiting", underWay.operation());
    assertThat(waitReason("waiting")).isEqualTo(operation.waitReason);
    return underWay;
  }

  private void assertFailedAndReleased(Operation operation, int sockets) {
    assertThat(failureOf(connector)).isInstanceOf(operation.failure());
    loop.runUntilStalled(); // the selector lets go of a closed socket when it looks next
    if (Holdings.DESCRIPTORS_ARE_KNOWN) {
      assertThat(Holdings.sockets()).isEqualTo(sockets - 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void byAnotherTask(Operation operation) throws Exception {
    closed(operation, Closer.ANOTHER_TASK);
  }

  @ParameterizedTest
  @EnumSource
  void whileNobodyDrives(Operation operation) throws Exception {
    closed(operation, Closer.NOBODY_DRIVES);
  }

  @ParameterizedTest
  @EnumSource
  void byAnotherThreadWhileNobodyDrives(Operation operation) throws Exception {
    closed(operation, Closer.ANOTHER_THREAD);
  }

  private void closed(Operation operation, Closer closer) throws Exception {
    UnderWay underWay = begin(operation);
    int sockets = Holdings.sockets();
    closer.close(this, underWay.close());
    assertFailedAndReleased(operation, sockets);
  }

  /** The event is there, and has perhaps been reported, when the close comes: the close wins. */
  @ParameterizedTest
  @EnumSource(names = {"READ", "WRITE", "ACCEPT"})
  void whenWhatItWaitedForHasJustCome(Operation operation) throws Exception {
    UnderWay underWay = begin(operation);
    underWay.event().run();
    underWay.close().run();
    assertThat(failureOf(connector)).isInstanceOf(ClosedChannelException.class);
  }

  /** The loop sleeps in the selector on a thread of its own: a task is the way to close. */
  @ParameterizedTest
  @EnumSource
  void whileTheLoopSleepsInItsSelector(Operation operation) throws Exception {
    UnderWay underWay = begin(operation);
    int sockets = Holdings.sockets();
    var driving = rig.drive(loop).awaitAsleep();
    if (operation != Operation.CONNECT) { // a cancel is for any thread
      assertThatThrownBy(underWay.close()::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("driver");
      assertThat(connector.isDone()).isFalse();
    }
    loop.post(() -> run(underWay.close()));
    Rig.awaitState("the one who waited is told", connector::isDone);
    driving.awaitAsleep();
    loop.stop();
    driving.awaitOutcome();
    assertFailedAndReleased(operation, sockets);
  }

  private static void run(Action action) {
    try {
      action.run();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A task that closes what it reads itself, in the poll in which it was told of bytes. */
  @ParameterizedTest
  @EnumSource(names = {"READ", "WRITE"})
  void byTheOneWhoWaits(Operation operation) throws Exception {
    Connection connection = connected();
    TcpStream stream = connection.ours();
    int sockets = Holdings.sockets();
    CountDownLatch closed = new CountDownLatch(1);
    connection.theirs().send(new byte[100]);
    JoinHandle<Integer> both =
        spawn(
            "closes",
            cx -> {
              if (stream.pollReadable(cx).isPending()) {
                return Poll.pending();
              }
              stream.close();
              closed.countDown();
              return operation == Operation.READ
                  ? Poll.ready(stream.tryRead(ByteBuffer.allocate(10)))
                  : Poll.ready(stream.tryWrite(ByteBuffer.allocate(10)));
            });
    assertThat(failureOf(both)).isInstanceOf(ClosedChannelException.class);
    Rig.await(closed);
    loop.runUntilStalled();
    if (Holdings.DESCRIPTORS_ARE_KNOWN) {
      assertThat(Holdings.sockets()).isEqualTo(sockets - 1);
    }
  }
}
