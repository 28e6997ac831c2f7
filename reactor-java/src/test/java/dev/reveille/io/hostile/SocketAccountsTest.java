package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What a socket costs, and what becomes of it: each of these was wrong once. */
final class SocketAccountsTest extends HostileFixture {

  /**
   * The system tells of a reset once. If the writer takes the news, a read finds the end of the
   * stream: half a message looks like a whole one. The stream has to remember.
   */
  @Test
  void aReadAfterTheWriterHasHeardOfTheResetIsAFailureAndNotTheEnd() throws Exception {
    Connection connection = connected();
    TcpStream stream = connection.ours();
    stream.setOption(StandardSocketOptions.SO_SNDBUF, 8192);
    JoinHandle<?> write = spawn("writer", stream.write(ByteBuffer.allocate(1 << 20)));
    assertThat(waitReason("writer")).isEqualTo("room to write");

    connection.theirs().reset();

    assertReset(failureOf(write));
    try {
      assertReset(failureOf(spawn("reader", stream.read(ByteBuffer.allocate(8)))));
    } finally {
      stream.close();
    }
  }

  /**
   * The JDK copies a heap buffer into a direct one as large as all that is left of it, at each
   * call, and keeps that for the thread: 64 MB offered to a peer that reads nothing are 64 MB of
   * direct memory, and as many bytes copied for each few kilobytes that get through.
   */
  @Test
  void aLargeHeapBufferIsNotCopiedWhole() throws Exception {
    Connection connection = connected();
    TcpStream stream = connection.ours();
    long direct = Holdings.directMemoryNow();
    JoinHandle<?> write = spawn("writer", stream.write(ByteBuffer.allocate(64 << 20)));
    assertThat(waitReason("writer")).isEqualTo("room to write");
    long grown = Holdings.directMemoryNow() - direct;
    write.cancel();
    loop.runUntilStalled();
    stream.close();
    assertThat(grown).isLessThan(1 << 20);
  }

  @Test
  void aLargeHeapBufferToReadIntoNeedsNoDirectOneOfItsSize() throws Exception {
    Connection connection = connected();
    long direct = Holdings.directMemoryNow();
    connection.theirs().send((byte) 1);
    loop.runUntil(connection.ours().read(ByteBuffer.allocate(64 << 20)));
    long grown = Holdings.directMemoryNow() - direct;
    connection.ours().close();
    assertThat(grown).isLessThan(1 << 20);
  }

  /** "When the dispatcher is closed, the sockets that are still open on it are closed." */
  @Test
  void theEndOfTheDispatcherClosesAListenerThatNobodyHasAcceptedFrom() throws Exception {
    TcpListener listener = loop.listen(anyPort());
    loop.close();
    boolean open = listener.isOpen();
    listener.close();
    assertThat(open).isFalse();
  }

  /** A session that is posted, and not begun when the dispatcher is closed. */
  @Test
  void theEndOfTheDispatcherClosesAStreamThatWasAcceptedAndNotReadFrom() throws Exception {
    TcpListener listener = loop.listen(anyPort());
    peer(listener.localAddress());
    TcpStream stream = loop.runUntil(listener.accept()).value();
    loop.close();
    boolean open = stream.isOpen();
    stream.close();
    listener.close();
    assertThat(open).isFalse();
  }

  /** Nobody would ever close it. */
  @Test
  void aClosedDispatcherOpensNothing() throws Exception {
    SelectorDispatcher closed = new SelectorDispatcher();
    closed.close();
    assertThatThrownBy(() -> closed.listen(anyPort()).close())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> closed.bindUdp(anyPort()).close())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(closed::openPipe).isInstanceOf(IllegalStateException.class);
  }

  /**
   * A socket that is registered keeps its descriptor until the next select. If nobody drives, that
   * may be never: the port stays taken, and who connects is neither accepted nor refused.
   */
  @Test
  void aListenerThatIsClosedWhileNobodyDrivesGivesItsPortBackAtOnce() throws Exception {
    TcpListener listener = loop.listen(anyPort());
    spawn("acceptor", listener.accept());
    loop.runUntilStalled();
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();

    listener.close();

    try (ServerSocket next =
        new ServerSocket(address.getPort(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(next.isBound()).isTrue();
    }
  }

  /** As a server does that is told to reload its configuration. */
  @Test
  void aListenerThatIsClosedOnTheLoopGivesItsPortBackAtOnce() throws Exception {
    TcpListener listener = loop.listen(anyPort());
    spawn("acceptor", listener.accept());
    loop.runUntilStalled();

    TcpListener next =
        loop.runUntil(
                cx -> {
                  listener.close();
                  return Poll.ready(loop.listen(listener.localAddress()));
                })
            .value();

    assertThat(next.isOpen()).isTrue();
    next.close();
  }

  /** As above, for the descriptor of a stream. */
  @Test
  void aStreamThatIsClosedWhileNobodyDrivesGivesItsDescriptorBackAtOnce() throws Exception {
    assumeTrue(Holdings.DESCRIPTORS_ARE_KNOWN);
    Connection connection = connected();
    spawn("reader", connection.ours().read(ByteBuffer.allocate(1)));
    loop.runUntilStalled();
    int sockets = Holdings.sockets();
    connection.ours().close();
    assertThat(Holdings.sockets()).isEqualTo(sockets - 1);
  }
}
