package dev.reveille.samples.compat.nio2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.channels.AcceptPendingException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * NIO.2 says some failures by its handler and throws others from the call. The one who waits can
 * not tell them apart.
 */
final class ThrownOrFailedTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private Sockets sockets;

  @BeforeEach
  void open() throws Exception {
    sockets = new Sockets();
  }

  @AfterEach
  void close() throws Exception {
    sockets.close();
    rig.close();
  }

  @Test
  void aSecondReadThrowsFromTheCallAndTheFirstGoesOn() throws Exception {
    Sockets.Pair pair = sockets.pair();
    Ended<Integer> first = Ended.begun(loop, Nio2.read(pair.near(), ByteBuffer.allocate(8)));

    assertThatThrownBy(() -> loop.runUntil(Nio2.read(pair.near(), ByteBuffer.allocate(8))))
        .isInstanceOf(ReadPendingException.class);

    loop.runUntil(Nio2.write(pair.far(), ByteBuffer.wrap(new byte[3])));
    assertThat(first.value()).isEqualTo(3);
  }

  @Test
  void aSecondWriteThrowsFromTheCallAndTheFirstGoesOn() throws Exception {
    Sockets.Pair pair = sockets.pair();
    ByteBuffer much = ByteBuffer.allocate(32 << 20); // more than the sockets hold
    Ended<Integer> first = Ended.begun(loop, Nio2.write(pair.near(), much));
    if (!first.isDone()) { // else this machine's sockets took all of it
      assertThatThrownBy(() -> loop.runUntil(Nio2.write(pair.near(), ByteBuffer.allocate(1))))
          .isInstanceOf(WritePendingException.class);
    }

    while (!first.isDone()) {
      loop.runUntil(Nio2.read(pair.far(), ByteBuffer.allocate(1 << 20)));
      loop.runUntilStalled();
    }
    assertThat(first.value()).isPositive();
  }

  @Test
  void aSecondAcceptThrowsFromTheCallAndTheFirstGoesOn() throws Exception {
    AsynchronousServerSocketChannel server = sockets.listening();
    Ended<AsynchronousSocketChannel> first = Ended.begun(loop, Nio2.accept(server));

    assertThatThrownBy(() -> loop.runUntil(Nio2.accept(server)))
        .isInstanceOf(AcceptPendingException.class);

    loop.runUntil(Nio2.connect(sockets.open(), server.getLocalAddress()));
    assertThat(first.value().isOpen()).isTrue();
  }

  @Test
  void whatIsThrownAndWhatIsFailedIsRecoveredFromAlike() throws Exception {
    AsynchronousServerSocketChannel refusing = sockets.listening();
    var nobodyThere = refusing.getLocalAddress();
    refusing.close();
    AsynchronousSocketChannel closed = sockets.open();
    closed.close();

    assertThat(recovered(Nio2.read(sockets.open(), ByteBuffer.allocate(1)))) // thrown
        .isInstanceOf(NotYetConnectedException.class);
    assertThat(recovered(Nio2.connect(sockets.open(), nobodyThere))) // by the handler
        .isInstanceOf(ConnectException.class);
    assertThat(recovered(Nio2.read(closed, ByteBuffer.allocate(1)))) // by the handler
        .isInstanceOf(ClosedChannelException.class);
    ByteBuffer readOnly = ByteBuffer.allocate(1).asReadOnlyBuffer();
    assertThat(recovered(Nio2.read(sockets.pair().near(), readOnly))) // thrown
        .isInstanceOf(IllegalArgumentException.class);
  }

  private <V> Exception recovered(Pollable<V> failing) throws Exception {
    return loop.runUntil(
            Pollables.<Exception, Exception>recover(
                Pollables.<V, Exception>map(
                    failing, value -> new IllegalStateException("not failed: " + value)),
                Exception.class,
                Pollables::ready))
        .value();
  }

  @Test
  void aHandlerThatThrowsKillsItsThreadAndNoCallOfATask() throws Exception {
    Sockets.Pair legacy = sockets.pair();
    Sockets.Pair bridged = sockets.pair();
    Ended<Integer> waiting = Ended.begun(loop, Nio2.read(bridged.near(), ByteBuffer.allocate(8)));

    CountDownLatch called = new CountDownLatch(1);
    legacy
        .near()
        .read(
            ByteBuffer.allocate(8),
            null,
            new CompletionHandler<Integer, Object>() {
              @Override
              public void completed(Integer bytes, Object attachment) {
                called.countDown();
                legacy.near().read(ByteBuffer.allocate(8), null, this);
                legacy.near().read(ByteBuffer.allocate(8), null, this); // one too many
              }

              @Override
              public void failed(Throwable failure, Object attachment) {
                // the channel is closed at the end
              }
            });
    loop.runUntil(Nio2.write(legacy.far(), ByteBuffer.wrap(new byte[1])));
    Rig.await(called);
    Rig.awaitState("the thread is dead", () -> !sockets.uncaught().isEmpty());

    loop.runUntil(Nio2.write(bridged.far(), ByteBuffer.wrap(new byte[5])));
    assertThat(waiting.value()).isEqualTo(5);
    assertThat(sockets.uncaught()).singleElement().isInstanceOf(ReadPendingException.class);
  }
}
