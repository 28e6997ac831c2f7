package dev.reveille.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pipes: of the dispatcher, and ends of the user's own. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PipeTest {
  private static final int MORE_THAN_A_PIPE_HOLDS = 4 << 20;

  private final SelectorDispatcher loop = new SelectorDispatcher();

  @AfterEach
  void close() {
    loop.close();
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static String text(ByteBuffer received) {
    return US_ASCII.decode(received.duplicate().flip()).toString();
  }

  @Test
  void whatIsWrittenIsReadAndThenTheEnd() throws Exception {
    BytePipe pipe = loop.openPipe();
    ByteBuffer buffer = ByteBuffer.allocate(64);
    JoinHandle<Integer> read = loop.spawn("reader", pipe.source().read(buffer));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(loop.snapshot().tasks().get(0).waitReason()).isEqualTo("bytes from the pipe");

    loop.runUntil(pipe.sink().write(ascii("through")));
    assertThat(loop.runUntil(read.join()).value()).isEqualTo(7);
    assertThat(text(buffer)).isEqualTo("through");

    JoinHandle<Integer> end = loop.spawn("reader", pipe.source().read(buffer));
    loop.runUntilStalled();
    pipe.sink().shutdownOutput();
    assertThat(loop.runUntil(end.join()).value()).isEqualTo(-1);
    pipe.sink().shutdownOutput(); // does nothing
    assertThat(loop.runUntil(pipe.source().read(buffer)).value()).isEqualTo(-1);
    pipe.close();
    pipe.close();
  }

  @Test
  void aWriterWaitsForTheReaderAndNothingIsLost() throws Exception {
    BytePipe pipe = loop.openPipe();
    ByteBuffer sent = ByteBuffer.allocate(MORE_THAN_A_PIPE_HOLDS);
    for (int i = 0; i < sent.capacity(); i++) {
      sent.put(i, (byte) (i * 31 >> 3));
    }
    JoinHandle<Complete> write = loop.spawn("writer", pipe.sink().write(sent));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(loop.snapshot().tasks().get(0).waitReason()).isEqualTo("room in the pipe");
    assertThat(sent.position()).isPositive().isLessThan(sent.capacity());

    ByteBuffer received = ByteBuffer.allocate(MORE_THAN_A_PIPE_HOLDS);
    ByteBuffer odd = ByteBuffer.allocateDirect(10_007); // never a whole page
    loop.runUntil(
        cx -> {
          while (pipe.source().pollReadable(cx).isReady()) {
            pipe.source().tryRead(odd);
            received.put(odd.flip());
            odd.clear().limit(Math.min(odd.capacity(), received.remaining()));
            if (!received.hasRemaining()) {
              return Poll.ready();
            }
          }
          return Poll.pending();
        });

    assertThat(loop.runUntil(write.join()).isReady()).isTrue();
    assertThat(received.flip()).isEqualTo(sent.rewind());
  }

  /** The JDK takes a direct buffer for all that is left, and keeps it for the thread. */
  @Test
  void aLargeBufferOnTheHeapCostsNoDirectMemoryOfItsSize() throws Exception {
    BufferPoolMXBean direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    BytePipe pipe = loop.openPipe();
    long before = direct.getMemoryUsed();
    JoinHandle<Complete> write =
        loop.spawn("writer", pipe.sink().write(ByteBuffer.allocate(64 << 20)));
    loop.runUntilStalled();
    loop.runUntil(pipe.source().read(ByteBuffer.allocate(64 << 20)));
    assertThat(direct.getMemoryUsed() - before).isLessThan(1 << 20);
    write.cancel();
    loop.runUntilStalled();
  }

  @Test
  void writingToAPipeThatNobodyReadsIsAFailureAlsoForAWriterThatWaits() throws Exception {
    BytePipe pipe = loop.openPipe();
    JoinHandle<Complete> write =
        loop.spawn("writer", pipe.sink().write(ByteBuffer.allocate(MORE_THAN_A_PIPE_HOLDS)));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    pipe.source().close();
    assertThatThrownBy(() -> loop.runUntil(write.join()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Broken pipe");
  }

  @Test
  void closingAnEndWakesWhoWaitsAtIt() throws Exception {
    BytePipe pipe = loop.openPipe();
    JoinHandle<Integer> read =
        loop.spawn("reader", pipe.source().read(ByteBuffer.allocate(MORE_THAN_A_PIPE_HOLDS)));
    loop.runUntilStalled();
    pipe.source().close();
    assertThatThrownBy(() -> loop.runUntil(read.join())).isInstanceOf(ClosedChannelException.class);

    BytePipe full = loop.openPipe();
    JoinHandle<Complete> write =
        loop.spawn("writer", full.sink().write(ByteBuffer.allocate(MORE_THAN_A_PIPE_HOLDS)));
    loop.runUntilStalled();
    full.sink().close();
    assertThatThrownBy(() -> loop.runUntil(write.join()))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(full.sink()::shutdownOutput).isInstanceOf(ClosedChannelException.class);
    assertThat(full.sink().isOpen()).isFalse();
    assertThat(full.source().isOpen()).isTrue();
  }

  @Test
  void endsOfTheUsersOwnAreTakenOver() throws Exception {
    Pipe toUs = Pipe.open();
    Pipe fromUs = Pipe.open();
    ByteSource source = loop.adopt(toUs.source());
    ByteSink sink = loop.adopt(fromUs.sink());
    toUs.sink().write(ascii("from elsewhere")); // blocking, as somebody else might
    ByteBuffer buffer = ByteBuffer.allocate(64);

    loop.runUntil(source.read(buffer));
    assertThat(text(buffer)).isEqualTo("from elsewhere");
    loop.runUntil(sink.write(ascii("to elsewhere")));
    fromUs.source().read(buffer.clear());
    assertThat(text(buffer)).isEqualTo("to elsewhere");

    source.close();
    sink.close();
    assertThat(toUs.source().isOpen()).isFalse();
    assertThat(fromUs.sink().isOpen()).isFalse();
    assertThatThrownBy(() -> loop.adopt(toUs.source())).isInstanceOf(ClosedChannelException.class);
    toUs.sink().close();
    fromUs.source().close();
  }

  @Test
  void anAdoptedEndIsNotWatchedBesides() throws Exception {
    Pipe pipe = Pipe.open();
    ByteSource source = loop.adopt(pipe.source());
    loop.spawn("reader", source.read(ByteBuffer.allocate(8)));
    loop.runUntilStalled();
    assertThatThrownBy(() -> loop.watch(pipe.source()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("belongs to source of");
    pipe.sink().close();
  }

  @Test
  void aPipeThatIsAlwaysReadyGivesWayToItsNeighbour() throws Exception {
    BytePipe pipe = loop.openPipe();
    loop.runUntil(pipe.sink().write(ByteBuffer.allocate(10_000)));
    ByteBuffer one = ByteBuffer.allocateDirect(1);
    int[] read = {0};
    int[] polls = {0};
    JoinHandle<Complete> reader =
        loop.spawn(
            "reader",
            cx -> {
              polls[0]++;
              while (pipe.source().pollReadable(cx).isReady()) {
                read[0] += pipe.source().tryRead(one.clear());
                if (read[0] == 10_000) {
                  return Poll.ready();
                }
              }
              return Poll.pending();
            });
    loop.runUntil(reader.join());
    assertThat(polls[0]).isGreaterThanOrEqualTo(10_000 / 128);
  }

  @Test
  void aThousandPipesLeaveNoDescriptorBehind() throws Exception {
    loop.openPipe().close(); // what the JDK opens once
    loop.runUntilStalled();
    Set<String> before = Descriptors.targets();
    for (int i = 0; i < 1_000; i++) {
      BytePipe pipe = loop.openPipe();
      JoinHandle<Integer> read = loop.spawn(pipe.source().read(ByteBuffer.allocate(8)));
      loop.runUntilStalled();
      pipe.sink().close();
      assertThat(loop.runUntil(read.join()).value()).isEqualTo(-1);
      pipe.close();
    }
    loop.runUntilStalled();
    assertThat(before).containsAll(Descriptors.targets());
  }

  @Test
  void aCallThatFailsGivesTheDriversRoleBack() throws Exception {
    BytePipe pipe = loop.openPipe();
    assertThatThrownBy(() -> pipe.source().tryRead((ByteBuffer) null))
        .isInstanceOf(NullPointerException.class);
    assertThat(loop.onLoop()).isFalse();
    assertThatThrownBy(() -> pipe.sink().tryWrite((ByteBuffer) null))
        .isInstanceOf(NullPointerException.class);
    assertThat(loop.onLoop()).isFalse();
  }

  @Test
  void aCloseAfterSomebodyElseHasClosedTheChannelWakesWhoWaits() throws Exception {
    Pipe pipe = Pipe.open();
    ByteSource source = loop.adopt(pipe.source());
    JoinHandle<Integer> read = loop.spawn("reader", source.read(ByteBuffer.allocate(1)));
    loop.runUntilStalled();
    pipe.source().close();
    source.close();
    loop.runUntilStalled();
    assertThat(read.isDone()).isTrue();
    assertThatThrownBy(() -> loop.runUntil(read.join())).isInstanceOf(ClosedChannelException.class);
    pipe.sink().close();
  }

  /** A pipe ends with its descriptor, which the system gets back when the selector selects. */
  @Test
  void whatTheLastTaskOfARunClosesIsClosedWhenTheRunReturns() throws Exception {
    Pipe pipe = Pipe.open();
    ByteSink sink = loop.adopt(pipe.sink());
    Pollable<Complete> write = sink.write(ByteBuffer.allocate(MORE_THAN_A_PIPE_HOLDS));
    loop.spawn(
        "writer",
        cx -> {
          Poll<Complete> poll = write.poll(cx);
          if (poll.isReady()) {
            sink.close();
          }
          return poll;
        });
    CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> readToTheEnd(pipe));
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(MORE_THAN_A_PIPE_HOLDS);
  }

  @Test
  void theEndOfTheOutputReachesTheReaderAlsoIfNobodyDrives() throws Exception {
    Pipe pipe = Pipe.open();
    ByteSink sink = loop.adopt(pipe.sink());
    Pollable<Complete> write = sink.write(ByteBuffer.allocate(MORE_THAN_A_PIPE_HOLDS));
    JoinHandle<Complete> written = loop.spawn("writer", write);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    sink.shutdownOutput();
    CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> readToTheEnd(pipe));
    assertThat(read.get(10, TimeUnit.SECONDS)).isPositive();
    written.cancel();
  }

  private static int readToTheEnd(Pipe pipe) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    int sum = 0;
    try (Pipe.SourceChannel source = pipe.source()) {
      for (int n = source.read(buffer); n >= 0; n = source.read(buffer.clear())) {
        sum += n;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sum;
  }
}
