package dev.reveille.io.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ByteSink;
import dev.reveille.io.ByteSource;
import dev.reveille.io.file.FakeFile.Held;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A file as a source and as a sink of bytes. */
class FileStreamTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Held held = new Held();
  private final FakeFile channel = new FakeFile(held, "0123456789".getBytes(US_ASCII));
  private final AsyncFile file = AsyncFile.of(loop, channel, held);
  private final FakeFile quickChannel = new FakeFile(Runnable::run);
  private final AsyncFile quick = AsyncFile.of(loop, quickChannel, Runnable::run);

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private <T> T await(Pollable<T> pollable) throws Exception {
    return loop.runUntil(pollable).value();
  }

  private <T> CompletableFuture<T> begun(Pollable<T> pollable) {
    CompletableFuture<T> outcome = loop.spawn(pollable).toCompletableFuture();
    loop.runUntilStalled();
    return outcome;
  }

  private Throwable failure(CompletableFuture<?> begun) {
    loop.runUntilStalled();
    assertThat(begun).isCompletedExceptionally();
    return begun.handle((value, failure) -> failure).join();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static String text(ByteBuffer buffer) {
    return US_ASCII.decode(buffer.flip()).toString();
  }

  /** Reads to the end. */
  private static Pollable<byte[]> all(ByteSource source, int atOnce) {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(atOnce);
    return cx -> {
      while (source.pollReadable(cx).isReady()) {
        int n = source.tryRead(buffer.clear());
        if (n < 0) {
          return Poll.ready(read.toByteArray());
        }
        read.write(buffer.array(), 0, n);
      }
      return Poll.pending();
    };
  }

  @Test
  void whatASinkTakesASourceGives() throws Exception {
    byte[] content = new byte[10_000];
    new Random(7).nextBytes(content);
    quickChannel.bytesPerRead = 5;
    quickChannel.bytesPerWrite = 3;
    ByteSink sink = quick.sink(100, 16);

    await(sink.write(ByteBuffer.wrap(content)));
    byte[] back = await(all(quick.source(100, 64), 7));

    assertThat(back).isEqualTo(content);
    assertThat(quickChannel.bytes()).hasSize(10_100);
  }

  @Test
  void aSourceHasOneReadInFlightAndNeverMoreThanItsBuffer() throws Exception {
    ByteSource source = file.source(2, 4);
    ByteBuffer target = ByteBuffer.allocate(100);
    assertThat(source.tryRead(target)).isZero(); // it does not wait

    CompletableFuture<Integer> first = begun(source.read(target));
    assertThat(held.size()).isEqualTo(1);
    assertThat(source.tryRead(target)).isZero();
    held.run();
    loop.runUntilStalled();

    assertThat(first).isCompletedWithValue(4);
    assertThat(text(target)).isEqualTo("2345");
    assertThat(held.size()).isZero(); // it reads when it is asked
    assertThat(channel.log()).containsExactly("read 4");
  }

  @Test
  void aSourceGivesInPiecesWhatItHasAndTellsTheEndAgainAndAgain() throws Exception {
    ByteSource source = file.source(7, 8);
    CompletableFuture<Integer> first = begun(source.read(ByteBuffer.allocate(2)));
    held.run();
    loop.runUntilStalled();
    assertThat(first).isCompletedWithValue(2);

    ByteBuffer rest = ByteBuffer.allocate(2);
    assertThat(await(source.read(rest))).isEqualTo(1);
    assertThat(text(rest)).isEqualTo("9");
    CompletableFuture<Integer> end = begun(source.read(ByteBuffer.allocate(1)));
    held.run();
    loop.runUntilStalled();
    assertThat(end).isCompletedWithValue(-1);
    assertThat(await(source.read(ByteBuffer.allocate(1)))).isEqualTo(-1);
    assertThat(source.tryRead(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(held.size()).isZero();
  }

  /** What was in flight for one task is there for the next. */
  @Test
  void aReaderThatIsCancelledLosesNothing() throws Exception {
    ByteSource source = file.source(0, 4);
    JoinHandle<Integer> first = loop.spawn(source.read(ByteBuffer.allocate(4)));
    loop.runUntilStalled();
    first.cancel();
    loop.runUntilStalled();

    ByteBuffer target = ByteBuffer.allocate(4);
    CompletableFuture<Integer> second = begun(source.read(target));
    assertThat(channel.log()).containsExactly("read 4");
    held.run();
    loop.runUntilStalled();

    assertThat(second).isCompletedWithValue(4);
    assertThat(text(target)).isEqualTo("0123");
  }

  @Test
  void aReadThatFailedMayBeTriedAgain() throws Exception {
    ByteSource source = file.source(0, 4);
    channel.readFailure = new IOException("a bad sector");
    CompletableFuture<Integer> first = begun(source.read(ByteBuffer.allocate(4)));
    held.run();
    assertThat(failure(first)).isSameAs(channel.readFailure);

    channel.readFailure = null;
    CompletableFuture<Integer> second = begun(source.read(ByteBuffer.allocate(4)));
    held.run();
    loop.runUntilStalled();
    assertThat(second).isCompletedWithValue(4);
  }

  @Test
  void closingASourceWakesWhoWaitsAndLeavesTheFileOpen() throws Exception {
    ByteSource source = file.source(0, 4);
    CompletableFuture<Integer> reader = begun(source.read(ByteBuffer.allocate(4)));
    loop.post(source::close);

    assertThat(failure(reader)).isInstanceOf(ClosedChannelException.class);
    assertThat(source.isOpen()).isFalse();
    assertThat(file.isOpen()).isTrue();
    assertThatThrownBy(() -> source.tryRead(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    source.close();
    CompletableFuture<Complete> settled = begun(file.settled());
    assertThat(settled).isNotDone(); // the buffer is still the channel's
    held.run();
    loop.runUntilStalled();
    assertThat(settled).isCompleted();
  }

  @Test
  void aSourceMayBeClosedElsewhereWhileNobodyDrives() {
    ByteSource source = file.source(0, 4);
    CompletableFuture<Integer> reader = begun(source.read(ByteBuffer.allocate(4)));
    rig.elsewhere(source::close);

    assertThat(failure(reader)).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void closingTheFileEndsASourceThatWaits() {
    ByteSource source = file.source(0, 4);
    CompletableFuture<Integer> reader = begun(source.read(ByteBuffer.allocate(4)));
    Runnable forgotten = held.take();
    file.close();
    held.run();

    assertThat(failure(reader)).isInstanceOf(AsynchronousCloseException.class);
    assertThat(source.isOpen()).isFalse();
    forgotten.run();
    loop.runUntilStalled();
  }

  @Test
  void aSinkGathersWritesWhenFullAndTakesNothingWhileThatIsInFlight() throws Exception {
    ByteSink sink = file.sink(0, 4);
    assertThat(sink.tryWrite(bytes("ab"))).isEqualTo(2);
    assertThat(sink.tryWrite(bytes("cdef"))).isEqualTo(2);
    assertThat(held.size()).isZero();

    CompletableFuture<Complete> writer = begun(sink.write(bytes("ef")));
    assertThat(channel.log()).containsExactly("write 4");
    assertThat(sink.tryWrite(bytes("x"))).isZero();
    held.run();
    loop.runUntilStalled();
    assertThat(channel.log()).containsExactly("write 4", "write 2"); // the flush of the second one
    assertThat(writer).isNotDone();
    held.run();
    loop.runUntilStalled();

    assertThat(writer).isCompleted();
    assertThat(channel.bytes()).asString(US_ASCII).isEqualTo("abcdef6789");
    assertThat(channel.log()).doesNotContain("force");
  }

  @Test
  void aSinkThatHasNothingIsFlushed() throws Exception {
    ByteSink sink = file.sink(0, 4);
    assertThat(await(sink::pollFlush)).isEqualTo(Complete.COMPLETE);
    assertThat(channel.log()).isEmpty();
  }

  @Test
  void aWriteThatFailedFailsTheSinkForGood() {
    ByteSink sink = file.sink(0, 4);
    channel.writeFailure = new IOException("no space");
    CompletableFuture<Complete> writer = begun(sink.write(bytes("abcdefgh")));
    held.run();
    assertThat(failure(writer)).isSameAs(channel.writeFailure);

    channel.writeFailure = null;
    assertThatThrownBy(() -> sink.tryWrite(bytes("x"))).hasCause(new IOException("no space"));
    assertThatThrownBy(() -> await(sink::pollFlush)).hasRootCauseMessage("no space");
    assertThatThrownBy(() -> await(sink::pollWritable)).hasRootCauseMessage("no space");
  }

  @Test
  void aSinkWhoseOutputIsShutDownTakesNoMoreAndFlushes() throws Exception {
    ByteSink sink = quick.sink(0, 4);
    sink.tryWrite(bytes("ab"));
    sink.shutdownOutput();
    sink.shutdownOutput();

    assertThatThrownBy(() -> sink.tryWrite(bytes("c"))).isInstanceOf(ClosedChannelException.class);
    await(sink::pollFlush);
    assertThat(quickChannel.bytes()).asString(US_ASCII).isEqualTo("ab");
    assertThat(sink.isOpen()).isTrue();
  }

  @Test
  void closingASinkWakesWhoWaitsAndDropsWhatWasNotFlushed() {
    ByteSink sink = file.sink(0, 4);
    CompletableFuture<Complete> writer = begun(sink.write(bytes("abcdef")));
    sink.close();
    sink.close();

    assertThat(failure(writer)).isInstanceOf(ClosedChannelException.class);
    held.run();
    assertThat(channel.bytes()).asString(US_ASCII).isEqualTo("abcd456789"); // was on its way
    assertThat(sink.isOpen()).isFalse();
    assertThatThrownBy(sink::shutdownOutput).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> await(sink::pollFlush)).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aWriterThatIsCancelledLeavesTheBufferToTheNext() throws Exception {
    ByteSink sink = file.sink(0, 4);
    JoinHandle<Complete> first = loop.spawn(sink.write(bytes("abcd")));
    loop.runUntilStalled();
    first.cancel();
    loop.runUntilStalled();
    CompletableFuture<Complete> second = begun(sink::pollFlush);
    assertThat(second).isNotDone();
    held.run();
    loop.runUntilStalled();

    assertThat(second).isCompleted();
    assertThat(channel.log()).containsExactly("write 4");
  }

  /** A source that is always ready spends budget, so that it can not starve its neighbours. */
  @Test
  void aSourceThatIsAlwaysReadyGivesWay() {
    FakeFile endless = new FakeFile(Runnable::run, new byte[10_000]);
    ByteSource source = AsyncFile.of(loop, endless, Runnable::run).source(0, 1);
    int[] polls = {0};
    ByteBuffer one = ByteBuffer.allocate(1);
    JoinHandle<Complete> reader =
        loop.spawn(
            (Context cx) -> {
              polls[0]++;
              while (source.pollReadable(cx).isReady()) {
                if (source.tryRead(one.clear()) < 0) {
                  return Poll.ready();
                }
              }
              return Poll.pending();
            });

    loop.runUntilStalled();

    assertThat(reader.isDone()).isTrue();
    assertThat(polls[0]).isGreaterThan(10_000 / 128);
  }
}
