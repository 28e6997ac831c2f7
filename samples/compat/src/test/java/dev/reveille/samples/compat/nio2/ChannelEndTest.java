package dev.reveille.samples.compat.nio2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Timeout;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import dev.reveille.samples.compat.Heard;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Channels that are closed by others in the middle of a call, and calls that are given up. */
final class ChannelEndTest {
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
  void aCloseInTheMiddleFailsTheReadThatWaits() throws Exception {
    Sockets.Pair pair = sockets.pair();
    Ended<Integer> read = Ended.begun(loop, Nio2.read(pair.near(), ByteBuffer.allocate(8)));

    rig.elsewhere(() -> Nio2.closeQuietly(pair.near()));

    assertThat(read.failure()).isInstanceOf(AsynchronousCloseException.class);
  }

  @Test
  void aPeerThatEndsEndsTheRead() throws Exception {
    Sockets.Pair pair = sockets.pair();
    Ended<Integer> read = Ended.begun(loop, Nio2.read(pair.near(), ByteBuffer.allocate(8)));

    pair.far().close();

    assertThat(read.value()).isEqualTo(-1);
  }

  @Test
  void givingAReadUpClosesItsChannelAndItsLastWordIsLate() throws Exception {
    Heard heard = Heard.on(loop);
    Sockets.Pair pair = sockets.pair();
    Ended<Integer> read = Ended.begun(loop, Nio2.read(pair.near(), ByteBuffer.allocate(8)));

    read.cancel();

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(pair.near().isOpen()).isFalse();
    assertThat(loop.runUntil(Nio2.read(pair.far(), ByteBuffer.allocate(8))).value())
        .as("the peer is told")
        .isEqualTo(-1);
    Rig.awaitState("its handler was called", () -> heard.count("late") == 1);
    assertThat(heard.words()) // an AsynchronousCloseException, and no misuse
        .containsExactlyInAnyOrder("read CANCELLED", "read late", "read COMPLETED");
  }

  @Test
  void aReadThatTakesTooLongOnTheClockOfTheLoopClosesItsChannel() throws Exception {
    Sockets.Pair pair = sockets.pair();
    Ended<Integer> read =
        Ended.begun(
            loop,
            Timeout.after(Duration.ofSeconds(30), Nio2.read(pair.near(), ByteBuffer.allocate(8))));

    rig.advance(Duration.ofSeconds(29));
    assertThat(pair.near().isOpen()).isTrue();
    rig.advance(Duration.ofSeconds(1));

    assertThat(pair.near().isOpen()).isFalse();
    assertThat(read.failure()).isInstanceOf(TimeoutException.class);
  }

  @Test
  void aConnectionThatComesTooLateIsClosed() throws Exception {
    AsynchronousServerSocketChannel server = sockets.listening();
    Ended<AsynchronousSocketChannel> accept = Ended.begun(loop, Nio2.accept(server));
    accept.cancel();

    AsynchronousSocketChannel client = sockets.open();
    loop.runUntil(Nio2.connect(client, server.getLocalAddress()));

    assertThat(loop.runUntil(Nio2.read(client, ByteBuffer.allocate(1))).value())
        .as("the peer sees the end")
        .isEqualTo(-1);
  }

  @Test
  void aClosedLoopGivesUpWhatWaitsOnIt() throws Exception {
    Sockets.Pair pair = sockets.pair();
    Ended<Integer> read = Ended.begun(loop, Nio2.read(pair.near(), ByteBuffer.allocate(8)));

    loop.close();

    assertThat(read.isDone()).isTrue();
    assertThat(pair.near().isOpen()).isFalse();
  }
}
