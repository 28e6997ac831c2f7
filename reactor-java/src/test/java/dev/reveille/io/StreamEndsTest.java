package dev.reveille.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.RunOutcome;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How directions and connections end, and what either side is told of it. */
final class StreamEndsTest {
  private final SelectorDispatcher loop = new SelectorDispatcher();

  @AfterEach
  void close() {
    loop.close();
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  /** Writes until there is no room, and waits for some. */
  private JoinHandle<Complete> blockedWriter(TcpStream stream) {
    JoinHandle<Complete> writer =
        loop.spawn("writer", stream.write(ByteBuffer.allocateDirect(64 << 20)));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    return writer;
  }

  // ------------------------------------------------------------------ half-close

  @Test
  void afterShutdownOutputThePeerReadsWhatWasSentAndThenTheEnd() throws Exception {
    Ends ends = Ends.tcp(loop);
    loop.runUntil(ends.client.write(ascii("last words")));
    ends.client.shutdownOutput();
    ends.client.shutdownOutput(); // idempotent

    assertThat(Ends.readAll(loop, ends.server)).isEqualTo("last words");
    loop.runUntil(ends.server.write(ascii("answer")));
    ends.server.shutdownOutput();
    assertThat(Ends.readAll(loop, ends.client)).isEqualTo("answer");
    assertThatThrownBy(() -> ends.client.tryWrite(ascii("more")))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(ends.client.isOpen()).isTrue();
  }

  @Test
  void shutdownOutputWakesTheOneWhoWaitsForRoom() throws Exception {
    Ends ends = Ends.tcp(loop);
    JoinHandle<Complete> writer = blockedWriter(ends.client);
    loop.post(
        () -> {
          try {
            ends.client.shutdownOutput();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertThatThrownBy(() -> loop.runUntil(writer.join()))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void afterShutdownInputReadsFindTheEndAndWritesGoOn() throws Exception {
    Ends ends = Ends.tcp(loop);
    JoinHandle<Integer> reader = loop.spawn("reader", ends.client.read(ByteBuffer.allocate(8)));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    ends.client.shutdownInput(); // nobody drives: the role is taken for the call
    ends.client.shutdownInput();

    assertThat(loop.runUntil(reader.join()).value()).isEqualTo(-1);
    assertThat(loop.runUntil(ends.client.read(ByteBuffer.allocate(8))).value()).isEqualTo(-1);
    loop.runUntil(ends.client.write(ascii("still here")));
    ends.client.shutdownOutput();
    assertThat(Ends.readAll(loop, ends.server)).isEqualTo("still here");
    // The peer was not told, and can still send.
    loop.runUntil(ends.server.write(ascii("into the void")));
    assertThat(loop.runUntil(ends.client.read(ByteBuffer.allocate(8))).value()).isEqualTo(-1);
  }

  // ------------------------------------------------------------------ reset

  @Test
  void aResetIsToldToTheWaitingReaderAndToTheWaitingWriter() throws Exception {
    Ends ends = Ends.tcp(loop);
    JoinHandle<Complete> writer = blockedWriter(ends.client);
    JoinHandle<Integer> reader = loop.spawn("reader", ends.client.read(ByteBuffer.allocate(8)));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    Ends.reset(ends.server);

    JoinHandle<Integer> readJoin = loop.spawn("read", reader.join());
    assertThatThrownBy(() -> loop.runUntil(writer.join()))
        .isInstanceOf(ConnectionResetException.class)
        .isInstanceOf(SocketException.class)
        .hasMessageContaining(ends.client.toString())
        .hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> loop.runUntil(readJoin.join()))
        .isInstanceOf(ConnectionResetException.class)
        .hasCauseInstanceOf(SocketException.class);
  }

  /** The system tells of it once; without a record of it the reader would see an orderly end. */
  @Test
  void aResetThatAWriteHasSeenIsNoOrderlyEndForTheReader() throws Exception {
    Ends ends = Ends.tcp(loop);
    loop.runUntil(ends.server.write(ascii("before")));
    assertThat(loop.runUntil(ends.client.read(ByteBuffer.allocate(6))).value()).isEqualTo(6);
    Ends.reset(ends.server);

    assertThatThrownBy(() -> ends.client.tryWrite(ascii("x")))
        .isInstanceOf(ConnectionResetException.class);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> loop.runUntil(ends.client.read(ByteBuffer.allocate(8))))
          .isInstanceOf(ConnectionResetException.class);
      assertThatThrownBy(() -> ends.client.tryRead(new ByteBuffer[] {ByteBuffer.allocate(8)}, 0, 1))
          .isInstanceOf(ConnectionResetException.class);
      assertThatThrownBy(() -> ends.client.tryWrite(ascii("x")))
          .isInstanceOf(ConnectionResetException.class);
    }
  }

  @Test
  void aResetThatAReadHasSeenIsToldToTheWriterToo() throws Exception {
    Ends ends = Ends.tcp(loop);
    Ends.reset(ends.server);
    assertThatThrownBy(() -> loop.runUntil(ends.client.read(ByteBuffer.allocate(8))))
        .isInstanceOf(ConnectionResetException.class);
    assertThatThrownBy(() -> ends.client.tryWrite(new ByteBuffer[] {ascii("x"), ascii("y")}, 0, 2))
        .isInstanceOf(ConnectionResetException.class);
  }

  /** Here the peer did close in order: what it sent, and its end, can still be read. */
  @Test
  void aWriteToAPeerThatHasClosedIsAResetAndItsOrderlyEndIsStillRead() throws Exception {
    Ends ends = Ends.tcp(loop);
    loop.runUntil(ends.server.write(ascii("bye")));
    ends.server.close();
    ends.client.tryWrite(ascii("x")); // the peer answers it with a reset
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                ends.client.tryWrite(ascii("x"));
              }
            })
        .isInstanceOf(ConnectionResetException.class);
    assertThat(Ends.readAll(loop, ends.client)).isEqualTo("bye");
  }

  @Test
  void aStreamThatWasResetCanBeClosedAndThenSaysSo() throws Exception {
    Ends ends = Ends.tcp(loop);
    Ends.reset(ends.server);
    assertThatThrownBy(() -> loop.runUntil(ends.client.read(ByteBuffer.allocate(8))))
        .isInstanceOf(ConnectionResetException.class);
    ends.client.close();
    ends.client.close();
    assertThatThrownBy(() -> ends.client.tryRead(ByteBuffer.allocate(8)))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> loop.runUntil(ends.client.read(ByteBuffer.allocate(8))))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(ends.client::shutdownInput).isInstanceOf(ClosedChannelException.class);
  }

  // ------------------------------------------------------------------ closed by somebody

  @Test
  void aTaskWhoseStreamIsClosedByAnotherTaskInTheMiddleOfItsWaitIsToldSo() throws Exception {
    Ends ends = Ends.tcp(loop);
    JoinHandle<Complete> writer = blockedWriter(ends.client);
    JoinHandle<Integer> reader = loop.spawn("reader", ends.client.read(ByteBuffer.allocate(8)));
    loop.runUntilStalled();
    JoinHandle<Integer> readJoin = loop.spawn("read", reader.join());
    loop.post(ends.client::close);
    assertThatThrownBy(() -> loop.runUntil(writer.join()))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> loop.runUntil(readJoin.join()))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(loop.lastRunSteps()).isZero();
  }

  @Test
  void thePeerReadsTheEndThoughTheLoopDoesNotRunAfterTheClose() throws Exception {
    Ends ends = Ends.tcp(loop);
    loop.spawn("reader", ends.client.read(ByteBuffer.allocate(8)));
    loop.runUntilStalled(); // so that the selector has it
    try (SelectorDispatcher other = new SelectorDispatcher();
        java.net.ServerSocket server = new java.net.ServerSocket(0)) {
      TcpStream stream = other.runUntil(other.connect(server.getLocalSocketAddress())).value();
      other.spawn("reader", stream.read(ByteBuffer.allocate(8)));
      other.runUntilStalled();
      try (java.net.Socket peer = server.accept()) {
        peer.setSoTimeout((int) Rig.PATIENCE.toMillis());
        Ends.reset(stream); // nobody drives, and nobody will
        assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);
      }
    }
  }
}
