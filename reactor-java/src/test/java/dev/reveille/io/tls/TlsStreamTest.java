package dev.reveille.io.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.function.IntSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes through a stream, over transports that are slow, narrow or hostile: in memory. */
class TlsStreamTest {
  private TlsRig tls = new TlsRig();

  @AfterEach
  void close() throws Exception {
    tls.close();
  }

  private void over(int capacity, IntSupplier chunk) throws Exception {
    tls.close();
    tls = new TlsRig(capacity, chunk);
  }

  /** Both directions at once, a task for each: nothing is lost, and nobody waits for ever. */
  private void exchange(TlsStream[] ends, int there, int back) throws Exception {
    byte[] question = TlsRig.noise(1, there);
    byte[] answer = TlsRig.noise(2, back);
    JoinHandle<byte[]> atServer = tls.loop.spawn("server reads", TlsRig.readAll(ends[1]));
    JoinHandle<byte[]> atClient = tls.loop.spawn("client reads", TlsRig.readAll(ends[0], 1000));
    JoinHandle<Complete> asked = tls.loop.spawn("client writes", sendAll(ends[0], question));
    JoinHandle<Complete> told = tls.loop.spawn("server writes", sendAll(ends[1], answer));
    assertThat(tls.loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(tls.run(asked.join())).isNotNull();
    assertThat(tls.run(told.join())).isNotNull();
    assertThat(tls.run(atServer.join())).isEqualTo(question);
    assertThat(tls.run(atClient.join())).isEqualTo(answer);
    assertThat(ends[0].heldBytes()).isZero();
    assertThat(ends[1].heldBytes()).isZero();
  }

  private static Pollable<Complete> sendAll(TlsStream stream, byte[] bytes) {
    return dev.reveille.combine.Pollables.then(
        stream.write(ByteBuffer.wrap(bytes)), sent -> TlsRig.finish(stream));
  }

  @Test
  void megabytesGoBothWaysAtOnceThroughANarrowTransport() throws Exception {
    over(1000, () -> Integer.MAX_VALUE);
    exchange(tls.connect("TLSv1.3"), 1_500_000, 1_200_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void oneByteAtATimeIsEnough(String protocol) throws Exception {
    over(1, () -> 1);
    TlsStream[] ends = tls.connect(protocol);
    if (protocol.equals("TLSv1.3")) {
      exchange(ends, 17_000, 6_000);
    } else {
      tls.loop.spawn(ends[0].write(ByteBuffer.wrap(TlsRig.noise(3, 20_000))));
      assertThat(tls.run(TlsRig.read(ends[1], 20_000))).isEqualTo(TlsRig.noise(3, 20_000));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void chunksOfAnySizeAreEnough(int seed) throws Exception {
    Random random = new Random(seed);
    int largest = 1 << (1 + random.nextInt(15));
    over(1 + random.nextInt(40_000), () -> 1 + random.nextInt(largest));
    exchange(tls.connect("TLSv1.3"), random.nextInt(100_000), random.nextInt(100_000));
  }

  @Test
  void smallBuffersReadALargeRecordAndLargeOnesManySmallRecords() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    byte[] bytes = TlsRig.noise(4, 16_384);
    tls.run(ends[0].write(ByteBuffer.wrap(bytes)));
    ByteBuffer read = ByteBuffer.allocate(bytes.length);
    for (int n = 1; read.hasRemaining(); n = n * 2 % 1000) {
      ByteBuffer some = ByteBuffer.allocate(n);
      tls.run(ends[1].read(some));
      read.put(some.flip());
    }
    assertThat(read.array()).isEqualTo(bytes);
    assertThat(ends[1].heldBytes()).isZero();

    for (int i = 0; i < 10; i++) {
      tls.run(ends[0].write(ByteBuffer.wrap(bytes, i, 1)));
    }
    ByteBuffer ten = ByteBuffer.allocate(100);
    assertThat(tls.run(ends[1].read(ten))).isEqualTo(10);
    assertThat(ten.flip()).isEqualTo(ByteBuffer.wrap(bytes, 0, 10));
  }

  @Test
  void manyBuffersAreOneRecordAndAreReadIntoMany() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    byte[] bytes = TlsRig.noise(5, 60);
    ByteBuffer[] from = {
      ByteBuffer.wrap(bytes, 0, 10), ByteBuffer.allocate(0), ByteBuffer.wrap(bytes, 10, 50)
    };
    long before = tls.clientEnd.out.total;
    tls.on(() -> assertThat(ends[0].tryWrite(from, 0, 3)).isEqualTo(60));
    assertThat(tls.clientEnd.out.total - before).isBetween(60L, 60L + 5 + 17 + 16);
    ByteBuffer[] to = {
      ByteBuffer.allocate(7),
      ByteBuffer.allocate(0),
      ByteBuffer.allocate(13),
      ByteBuffer.allocate(99)
    };
    long[] n = {0};
    tls.run(
        cx -> {
          while (ends[1].pollReadable(cx).isReady()) {
            n[0] = ends[1].tryRead(to, 0, 4);
            if (n[0] != 0) {
              return Poll.ready();
            }
          }
          return Poll.pending();
        });
    assertThat(n[0]).isEqualTo(60);
    ByteBuffer all = ByteBuffer.allocate(60);
    for (ByteBuffer b : to) {
      all.put(b.flip());
    }
    assertThat(all.array()).isEqualTo(bytes);
  }

  @Test
  void aWriteThatIsFullWaitsForRoomAndHoldsOneRecord() throws Exception {
    over(5000, () -> Integer.MAX_VALUE);
    TlsStream[] ends = tls.connect("TLSv1.3");
    ByteBuffer bytes = ByteBuffer.wrap(TlsRig.noise(6, 200_000));
    JoinHandle<Complete> written = tls.loop.spawn("writer", ends[0].write(bytes));
    assertThat(tls.loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(tls.loop.snapshot().tasks().get(0).waitReason()).isEqualTo("room to write");
    assertThat(ends[0].heldBytes()).isEqualTo(TlsBuffers.SIZE);
    assertThat(bytes.position()).isLessThanOrEqualTo(16_384);
    assertThat(tls.run(TlsRig.read(ends[1], 200_000))).isEqualTo(bytes.array());
    assertThat(tls.run(written.join())).isNotNull();
  }

  // ------------------------------------------------------------------ memory

  @Test
  void anIdleConnectionHoldsNoBuffer() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    JoinHandle<Integer> read = tls.loop.spawn(ends[1].read(ByteBuffer.allocate(10)));
    tls.loop.runUntilStalled();
    assertThat(ends[0].heldBytes()).isZero();
    assertThat(ends[1].heldBytes()).isZero();
    tls.run(ends[0].write(ByteBuffer.allocate(10)));
    assertThat(tls.run(read.join())).isEqualTo(10);
    assertThat(ends[1].heldBytes()).isZero();
  }

  @Test
  void aPartOfARecordHoldsLittleMoreThanWhatHasCome() throws Exception {
    over(1 << 17, () -> Integer.MAX_VALUE);
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.run(ends[0].write(ByteBuffer.wrap(TlsRig.noise(7, 10_000))));
    byte[] record = tls.clientEnd.out.steal();
    JoinHandle<byte[]> read = tls.loop.spawn(TlsRig.read(ends[1], 10_000));
    int sent = 0;
    for (int n : new int[] {1, 1, 3, 95, 900, 1000, 2000}) {
      int from = sent;
      tls.on(() -> tls.clientEnd.out.put(java.util.Arrays.copyOfRange(record, from, from + n)));
      sent += n;
      tls.loop.runUntilStalled();
      assertThat(ends[1].heldBytes()).isBetween(sent, Math.max(64, sent * 4));
    }
    int from = sent;
    tls.on(() -> tls.clientEnd.out.put(java.util.Arrays.copyOfRange(record, from, record.length)));
    assertThat(tls.run(read.join())).isEqualTo(TlsRig.noise(7, 10_000));
    assertThat(ends[1].heldBytes()).isZero();
  }

  // ------------------------------------------------------------------ hostile peers

  @Test
  void aFloodOfTinyRecordsGivesWayToOthers() throws Exception {
    over(1 << 21, () -> Integer.MAX_VALUE);
    TlsStream[] ends = tls.connect("TLSv1.3");
    int records = 30_000;
    ByteBuffer one = ByteBuffer.allocate(1);
    tls.run(
        new Pollable<Complete>() {
          private int left = records;

          @Override
          public Poll<Complete> poll(dev.reveille.Context cx) throws Exception {
            while (left > 0) {
              if (ends[0].pollWritable(cx).isPending()) {
                return Poll.pending();
              }
              left -= ends[0].tryWrite(one.clear());
            }
            return ends[0].pollFlush(cx);
          }
        });
    int[] most = {0};
    int[] inThisPoll = {0};
    int[] polls = {0};
    int[] sum = {0};
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    JoinHandle<Complete> reader =
        tls.loop.spawn(
            "reader",
            cx -> {
              polls[0]++;
              inThisPoll[0] = 0;
              while (ends[1].pollReadable(cx).isReady()) {
                int n = ends[1].tryRead(buffer.clear());
                sum[0] += n;
                inThisPoll[0] += n;
                most[0] = Math.max(most[0], inThisPoll[0]);
                if (sum[0] == records) {
                  return Poll.ready();
                }
              }
              return Poll.pending();
            });
    int[] neighbour = {0};
    tls.loop.spawn(
        "neighbour",
        cx -> {
          neighbour[0]++;
          if (reader.isDone()) {
            return Poll.ready();
          }
          cx.waker("itself").wake();
          return Poll.pending();
        });
    assertThat(tls.loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(sum[0]).isEqualTo(records);
    assertThat(most[0]).isLessThanOrEqualTo(128 * 32);
    assertThat(neighbour[0]).isGreaterThanOrEqualTo(polls[0] - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aTamperedRecordIsAFailureAndThePeerIsTold(String protocol) throws Exception {
    TlsStream[] ends = tls.connect(protocol);
    tls.run(ends[0].write(ByteBuffer.wrap(new byte[] {1, 2, 3})));
    assertThat(tls.run(TlsRig.read(ends[1], 3))).hasSize(3);
    tls.run(ends[0].write(ByteBuffer.allocate(100)));
    byte[] record = tls.clientEnd.out.steal();
    record[50] ^= 1;
    JoinHandle<Object> waiting = tls.loop.spawn(TlsRig.settled(TlsRig.read(ends[0], 1)));
    tls.on(() -> tls.clientEnd.out.put(record));
    assertThatThrownBy(() -> tls.run(TlsRig.read(ends[1], 1))).isInstanceOf(SSLException.class);
    assertThat(ends[1].isOpen()).isFalse();
    assertThat(tls.serverEnd.isOpen()).isFalse();
    // It is told again, to the writer too.
    assertThatThrownBy(() -> tls.run(TlsRig.read(ends[1], 1))).isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> tls.run(ends[1].write(ByteBuffer.allocate(1))))
        .isInstanceOf(SSLException.class);
    assertThat((Exception) tls.run(waiting.join()))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("fatal alert: bad_record_mac");
    assertThat(ends[0].isOpen()).isFalse();
  }

  @Test
  void whatWasDecryptedBeforeAFailureIsReadBeforeIt() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    tls.run(ends[0].write(ByteBuffer.wrap(new byte[] {1, 2, 3})));
    tls.on(() -> tls.clientEnd.out.put(new byte[] {'n', 'o', ' ', 'T', 'L', 'S', '!'}));
    ByteBuffer all = ByteBuffer.allocate(10);
    assertThat(tls.run(ends[1].read(all))).isEqualTo(3);
    assertThatThrownBy(() -> tls.run(ends[1].read(all))).isInstanceOf(SSLException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRenegotiationIsRefusedByBothSides(boolean byClient) throws Exception {
    SSLEngine[] engine = {null};
    TlsOptions asking =
        (byClient ? TlsRig.CLIENT : TlsRig.SERVER)
            .withProtocols("TLSv1.2")
            .withEngineSetup(e -> engine[0] = e);
    TlsStream[] ends =
        byClient ? tls.connect(asking, TlsRig.SERVER) : tls.connect(TlsRig.CLIENT, asking);
    TlsStream asks = ends[byClient ? 0 : 1];
    TlsStream refuses = ends[byClient ? 1 : 0];
    engine[0].beginHandshake();
    tls.on(() -> asks.tryWrite(ByteBuffer.allocate(1))); // the engine's own word comes first
    assertThatThrownBy(() -> tls.run(TlsRig.read(refuses, 1)))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("renegotiate");
    assertThat(refuses.isOpen()).isFalse();
  }

  // ------------------------------------------------------------------ two tasks, one transport

  /**
   * The server asks for new keys again and again, and does not read; the client's reader has to
   * answer, while its writer has filled the transport. Both wait for room, and both get it.
   */
  @ParameterizedTest
  @ValueSource(ints = {50, 2000})
  void aReaderThatHasToAnswerAndAWriterShareTheTransportsOutput(int updates) throws Exception {
    over(20_000, () -> Integer.MAX_VALUE);
    SSLEngine[] engine = {null};
    TlsStream[] ends =
        tls.connect(TlsRig.CLIENT, TlsRig.SERVER.withEngineSetup(e -> engine[0] = e));
    byte[] bytes = TlsRig.noise(8, 300_000);
    JoinHandle<Complete> writer = tls.loop.spawn("writer", ends[0].write(ByteBuffer.wrap(bytes)));
    JoinHandle<byte[]> reader = tls.loop.spawn("reader", TlsRig.readAll(ends[0]));
    assertThat(tls.loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    int[] sent = {0};
    for (int i = 0; i < updates && sent[0] == i; i++) {
      tls.on(
          () -> {
            engine[0].beginHandshake(); // in TLS 1.3: an update of keys, to be answered
            sent[0] += ends[1].tryWrite(ByteBuffer.allocate(1));
          });
      tls.loop.runUntilStalled();
    }
    // Beyond some hundreds of answers that the server does not take the client stops reading.
    assertThat(sent[0] == updates).isEqualTo(updates == 50);
    assertThat(writer.isDone()).isFalse();
    assertThat(ends[0].heldBytes()).isLessThanOrEqualTo(5 * TlsBuffers.SIZE);

    JoinHandle<Complete> finished = tls.loop.spawn("finish", TlsRig.finish(ends[1]));
    assertThat(tls.run(TlsRig.read(ends[1], bytes.length))).isEqualTo(bytes);
    assertThat(tls.run(reader.join())).hasSize(sent[0]);
    assertThat(tls.run(writer.join())).isNotNull();
    assertThat(tls.run(finished.join())).isNotNull();
    assertThat(tls.loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void useElsewhereThanOnTheLoopIsRefused() throws Exception {
    TlsStream[] ends = tls.connect("TLSv1.3");
    assertThatThrownBy(() -> ends[0].tryRead(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TlsStream.tryRead");
    assertThatThrownBy(() -> ends[0].tryWrite(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ends[0].shutdownOutput()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ends[0].remoteAddress())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
