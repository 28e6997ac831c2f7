package dev.reveille.io.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.RunOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ends of a stream: in order, cut short, and close_notify in every state. */
class TlsCloseTest {
  private TlsRig tls = new TlsRig();

  @AfterEach
  void close() throws Exception {
    tls.close();
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.wrap(TlsRig.noise(9, count));
  }

  // ------------------------------------------------------------------ in order

  @Test
  void halfAConnectionGoesOnInTls13() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.run(ends[0].write(bytes(5)));
    tls.run(TlsRig.finish(ends[0]));
    assertThat(tls.run(TlsRig.readAll(ends[1]))).hasSize(5);
    assertThat(tls.run(TlsRig.readAll(ends[1]))).isEmpty(); // the end is told again
    assertThatThrownBy(() -> tls.run(ends[0].write(bytes(1))))
        .isInstanceOf(ClosedChannelException.class);

    tls.run(ends[1].write(bytes(100_000)));
    assertThat(tls.run(TlsRig.read(ends[0], 100_000))).isEqualTo(bytes(100_000).array());
    tls.run(TlsRig.finish(ends[1]));
    assertThat(tls.run(TlsRig.readAll(ends[0]))).isEmpty();
    assertThat(ends[0].isOpen()).isTrue();
    assertThat(tls.clientEnd.isOpen()).isTrue();
  }

  @Test
  void thePeerAnswersAtOnceInTls12AndCanNotGoOn() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.2");
    tls.run(ends[0].write(bytes(5)));
    tls.run(TlsRig.finish(ends[0]));
    assertThat(tls.run(TlsRig.readAll(ends[1]))).hasSize(5);
    assertThatThrownBy(() -> tls.run(ends[1].write(bytes(1))))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("TLS 1.2");
    assertThat(tls.run(TlsRig.readAll(ends[0]))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void whatWasOnItsWayBeforeTheEndIsRead(String protocol) throws Exception {
    TlsStream[] ends = tls.connect(protocol);
    tls.run(ends[1].write(bytes(50_000)));
    tls.run(ends[0].write(bytes(40_000)));
    tls.run(TlsRig.finish(ends[0]));
    tls.run(TlsRig.finish(ends[1]));
    assertThat(tls.run(TlsRig.readAll(ends[0]))).hasSize(50_000);
    assertThat(tls.run(TlsRig.readAll(ends[1]))).hasSize(40_000);
  }

  @Test
  void closeNotifyWaitsBehindWhatTheTransportDoesNotTake() throws Exception {
    tls.close();
    tls = new TlsRig(3000, () -> Integer.MAX_VALUE);
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.on(() -> assertThat(ends[0].tryWrite(bytes(10_000))).isEqualTo(10_000));
    JoinHandle<Complete> finished = tls.loop.spawn("finish", TlsRig.finish(ends[0]));
    assertThat(tls.loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(tls.loop.snapshot().tasks().get(0).waitReason())
        .isEqualTo("the last bytes to be taken");
    assertThat(tls.run(TlsRig.readAll(ends[1]))).isEqualTo(bytes(10_000).array());
    assertThat(tls.run(finished.join())).isNotNull();
    assertThat(ends[0].heldBytes()).isZero();
  }

  @Test
  void shutdownOutputTwiceIsOnce() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.run(TlsRig.finish(ends[0]));
    long sent = tls.clientEnd.out.total;
    tls.run(TlsRig.finish(ends[0]));
    assertThat(tls.clientEnd.out.total).isEqualTo(sent);
  }

  // ------------------------------------------------------------------ close_notify in every state

  /** A handshake that is waited for, an idle stream, one that waits to read, one that writes. */
  @Test
  void closeNotifyBeforeAndDuringTheHandshakeFailsIt() throws Exception {
    for (int records = 0; records < 2; records++) {
      tls.close();
      tls = new TlsRig();
      JoinHandle<Object> server = tls.loop.spawn(TlsRig.settled(tls.server(TlsRig.SERVER)));
      if (records == 1) {
        tls.loop.spawn(TlsRig.settled(tls.client(TlsRig.CLIENT)));
        tls.clientEnd.in.block(true);
        tls.loop.runUntilStalled();
        tls.on(tls.clientEnd.out::steal);
      }
      tls.on(() -> tls.clientEnd.out.put(new byte[] {21, 3, 3, 0, 2, 1, 0})); // close_notify
      tls.clientEnd.in.block(false);
      tls.loop.runUntilStalled();
      assertThat(tls.run(server.join())).isInstanceOf(SSLException.class);
      assertThat(tls.serverEnd.isOpen()).isFalse();
      tls.clientEnd.close();
      tls.loop.runUntilStalled();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void closeNotifyWakesAReader(String protocol) throws Exception {
    TlsStream[] ends = tls.connect(protocol);
    JoinHandle<byte[]> reader = tls.loop.spawn(TlsRig.readAll(ends[1]));
    tls.loop.runUntilStalled();
    tls.run(TlsRig.finish(ends[0]));
    assertThat(tls.run(reader.join())).isEmpty();
  }

  @Test
  void closeNotifyWhileAWriterIsStuckInTls13EndsTheReaderOnly() throws Exception {
    tls.close();
    tls = new TlsRig(5000, () -> Integer.MAX_VALUE);
    TlsStream[] ends = tls.connect("TLSv1.3");
    JoinHandle<Complete> writer = tls.loop.spawn("writer", ends[1].write(bytes(60_000)));
    JoinHandle<byte[]> reader = tls.loop.spawn("reader", TlsRig.readAll(ends[1]));
    tls.loop.runUntilStalled();
    tls.run(TlsRig.finish(ends[0]));
    assertThat(tls.run(reader.join())).isEmpty();
    assertThat(writer.isDone()).isFalse();
    assertThat(tls.run(TlsRig.read(ends[0], 60_000))).isEqualTo(bytes(60_000).array());
    assertThat(tls.run(writer.join())).isNotNull();
  }

  @Test
  void closeNotifyWhileAWriterIsStuckInTls12FailsItWhenThereIsRoom() throws Exception {
    tls.close();
    tls = new TlsRig(5000, () -> Integer.MAX_VALUE);
    TlsStream[] ends = tls.connect("TLSv1.2");
    JoinHandle<Object> writer =
        tls.loop.spawn("writer", TlsRig.settled(ends[1].write(bytes(60_000))));
    JoinHandle<byte[]> reader = tls.loop.spawn("reader", TlsRig.readAll(ends[1]));
    tls.loop.runUntilStalled();
    tls.run(TlsRig.finish(ends[0]));
    assertThat(tls.run(reader.join())).isEmpty();
    // What was in the record that had begun still comes; then the peer's own close_notify.
    assertThat(tls.run(TlsRig.readAll(ends[0]))).hasSizeLessThan(60_000);
    assertThat(tls.run(writer.join())).isInstanceOf(SSLException.class);
  }

  @Test
  void shutdownInputIsAnEndOfThisSideOnly() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    JoinHandle<byte[]> reader = tls.loop.spawn(TlsRig.readAll(ends[1]));
    tls.loop.runUntilStalled();
    tls.on(ends[1]::shutdownInput);
    assertThat(tls.run(reader.join())).isEmpty();
    tls.run(ends[0].write(bytes(100)));
    assertThat(tls.run(TlsRig.readAll(ends[1]))).isEmpty();
    tls.run(ends[1].write(bytes(3)));
    assertThat(tls.run(TlsRig.read(ends[0], 3))).hasSize(3);
    assertThat(ends[1].heldBytes()).isZero();
  }

  @Test
  void bytesBehindCloseNotifyAreNotRead() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.run(TlsRig.finish(ends[0]));
    tls.on(() -> tls.clientEnd.out.put(new byte[] {1, 2, 3, 4, 5, 6, 7}));
    assertThat(tls.run(TlsRig.readAll(ends[1]))).isEmpty();
    tls.run(ends[1].write(bytes(3)));
    assertThat(tls.run(TlsRig.read(ends[0], 3))).hasSize(3);
  }

  // ------------------------------------------------------------------ cut short

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anEndWithoutCloseNotifyIsNoEndOfTheStream(String protocol) throws Exception {
    TlsStream[] ends = tls.connect(protocol);
    tls.run(ends[0].write(bytes(10)));
    tls.on(() -> tls.clientEnd.out.end());
    ByteBuffer read = ByteBuffer.allocate(100);
    assertThat(tls.run(ends[1].read(read))).isEqualTo(10);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> tls.run(ends[1].read(read)))
          .isInstanceOf(TlsTruncatedException.class)
          .hasMessageContaining("without close_notify");
    }
    // The other direction was not cut.
    tls.run(ends[1].write(bytes(10)));
    assertThat(tls.run(TlsRig.read(ends[0], 10))).hasSize(10);
  }

  @Test
  void anEndInTheMiddleOfARecordIsTheSame() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.run(ends[0].write(bytes(1000)));
    byte[] record = tls.clientEnd.out.steal();
    tls.on(
        () -> {
          tls.clientEnd.out.put(java.util.Arrays.copyOf(record, 500));
          tls.clientEnd.out.end();
        });
    assertThatThrownBy(() -> tls.run(TlsRig.readAll(ends[1])))
        .isInstanceOf(TlsTruncatedException.class);
  }

  @Test
  void aResetIsTheTransportsFailure() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    JoinHandle<Object> reader = tls.loop.spawn(TlsRig.settled(TlsRig.readAll(ends[1])));
    tls.loop.runUntilStalled();
    IOException reset = new IOException("reset");
    tls.on(() -> tls.clientEnd.out.fail(reset));
    assertThat(tls.run(reader.join())).isSameAs(reset);
  }

  @Test
  void aFailureToWriteIsTheWritersAndWhatThePeerSaidIsStillRead() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.run(ends[0].write(bytes(10)));
    IOException broken = new IOException("broken pipe");
    tls.on(() -> tls.serverEnd.out.fail(broken));
    assertThatThrownBy(() -> tls.run(ends[1].write(bytes(1)))).isSameAs(broken);
    assertThat(tls.run(TlsRig.read(ends[1], 10))).hasSize(10);
    assertThatThrownBy(() -> tls.run(ends[1].write(bytes(1)))).isSameAs(broken);
  }

  // ------------------------------------------------------------------ close

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aCloseIsAnEndInOrder(String protocol) throws Exception {
    TlsStream[] ends = tls.connect(protocol);
    tls.run(ends[0].write(bytes(10)));
    tls.on(ends[0]::close);
    assertThat(tls.clientEnd.isOpen()).isFalse();
    assertThat(tls.run(TlsRig.readAll(ends[1]))).hasSize(10);
    tls.on(ends[0]::close);
  }

  @Test
  void aCloseDoesNotWaitAndDropsWhatIsNotTaken() throws Exception {
    tls.close();
    tls = new TlsRig(3000, () -> Integer.MAX_VALUE);
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.on(
        () -> {
          ends[0].tryWrite(bytes(10_000));
          ends[0].close();
        });
    assertThat(ends[0].heldBytes()).isZero();
    assertThatThrownBy(() -> tls.run(TlsRig.readAll(ends[1])))
        .isInstanceOf(TlsTruncatedException.class);
  }

  @Test
  void aCloseWakesReaderAndWriter() throws Exception {
    tls.close();
    tls = new TlsRig(3000, () -> Integer.MAX_VALUE);
    TlsStream[] ends = tls.connect("TLSv1.3");
    JoinHandle<Object> writer =
        tls.loop.spawn("writer", TlsRig.settled(ends[1].write(bytes(60_000))));
    JoinHandle<Object> reader = tls.loop.spawn("reader", TlsRig.settled(TlsRig.readAll(ends[1])));
    tls.loop.runUntilStalled();
    tls.loop.post(ends[1]::close);
    assertThat(tls.run(writer.join())).isInstanceOf(ClosedChannelException.class);
    assertThat(tls.run(reader.join())).isInstanceOf(ClosedChannelException.class);
    assertThat(ends[1].isOpen()).isFalse();
    assertThatThrownBy(() -> tls.run(TlsRig.finish(ends[1])))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aCloseWhileNobodyDrivesClosesTheTransportAndSaysNothing() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    JoinHandle<Object> reader = tls.loop.spawn(TlsRig.settled(TlsRig.readAll(ends[0])));
    tls.loop.runUntilStalled();
    ends[0].close();
    assertThat(ends[0].isOpen()).isFalse();
    assertThat(tls.run(reader.join())).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> tls.run(TlsRig.readAll(ends[1])))
        .isInstanceOf(TlsTruncatedException.class);
  }

  @Test
  void aCloseReadsWhatNobodyWillSoThatTheSystemSendsNoReset() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3"); // the server's tickets are on their way
    tls.run(ends[1].write(bytes(10)));
    assertThat(tls.clientEnd.in.available()).isPositive();
    tls.on(ends[0]::close);
    assertThat(tls.clientEnd.in.available()).isZero();
  }
}
