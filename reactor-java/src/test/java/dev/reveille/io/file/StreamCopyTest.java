package dev.reveille.io.file;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import dev.reveille.io.file.FakeFile.Held;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Copy} from whatever gives bytes to whatever takes them. */
class StreamCopyTest {
  private final Rig rig = new Rig(SelectorDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ExecutorService pool = Executors.newFixedThreadPool(2);

  @AfterEach
  void close() throws Exception {
    rig.close();
    pool.shutdown();
  }

  private <T> T await(Pollable<T> pollable) throws Exception {
    return loop.runUntil(pollable).value();
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aFileGoesOverAConnectionIntoAnother(@TempDir Path folder) throws Exception {
    byte[] content = random(1_000_000);
    AsyncFile from =
        await(AsyncFile.open(pool, Files.write(folder.resolve("from"), content), READ));
    AsyncFile to = await(AsyncFile.open(pool, folder.resolve("to"), WRITE, CREATE));
    SelectorDispatcher network = (SelectorDispatcher) loop;
    TcpListener listener =
        network.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    JoinHandle<TcpStream> accepted = loop.spawn(listener.accept());
    TcpStream client = await(network.connect(listener.localAddress()));
    TcpStream server = await(accepted.join());

    Copy sending = Copy.of(from.source(0, 10_000), client).bufferSize(3000);
    loop.spawn(
        Pollable.<Complete>owning(
            java.util.List.of(sending),
            (Context cx) -> {
              Poll<Long> sent = sending.poll(cx);
              if (sent.isReady()) {
                client.shutdownOutput();
              }
              return sent.map(bytes -> Complete.COMPLETE);
            }));
    long received = await(Copy.of(server, to.sink(0, 8192)));

    assertThat(received).isEqualTo(content.length);
    assertThat(sending.copied()).isEqualTo(content.length);
    assertThat(folder.resolve("to")).hasBinaryContent(content);
    client.close();
    server.close();
    listener.close();
  }

  @Test
  void streamsThatGiveAndTakeAByteAtATimeLoseNothing() throws Exception {
    FakeFile a = new FakeFile(Runnable::run, random(5000));
    FakeFile b = new FakeFile(Runnable::run);
    a.bytesPerRead = 1;
    b.bytesPerWrite = 1;
    long bytes =
        await(
            Copy.of(
                    AsyncFile.of(loop, a, Runnable::run).source(0, 3),
                    AsyncFile.of(loop, b, Runnable::run).sink(0, 5))
                .bufferSize(7));

    assertThat(bytes).isEqualTo(5000);
    assertThat(b.bytes()).isEqualTo(a.bytes());
  }

  @Test
  void itReadsAheadNoMoreThanItsBuffersWhileTheSinkStandsStill() {
    FakeFile a = new FakeFile(Runnable::run, random(1000));
    Held writes = new Held();
    FakeFile b = new FakeFile(writes);
    Copy copy =
        Copy.of(
                AsyncFile.of(loop, a, Runnable::run).source(0, 10),
                AsyncFile.of(loop, b, Runnable::run).sink(0, 10))
            .bufferSize(10);
    JoinHandle<Long> copying = loop.spawn(copy);
    loop.runUntilStalled();

    assertThat(a.log().size()).isLessThanOrEqualTo(4);
    assertThat(copy.copied()).isEqualTo(10); // taken by the sink, and in flight
    assertThat(writes.size()).isEqualTo(1);
    copying.cancel();
    loop.runUntilStalled();
    writes.run();
    assertThat(b.bytes()).isEqualTo(Arrays.copyOf(a.bytes(), 10));
  }

  @Test
  void itEndsWhenTheSinkHasFlushedAndNotBefore() {
    FakeFile a = new FakeFile(Runnable::run, random(5));
    Held writes = new Held();
    FakeFile b = new FakeFile(writes);
    JoinHandle<Long> copying =
        loop.spawn(
            Copy.of(
                AsyncFile.of(loop, a, Runnable::run).source(0, 10),
                AsyncFile.of(loop, b, Runnable::run).sink(0, 10)));
    loop.runUntilStalled();
    assertThat(copying.isDone()).isFalse();
    writes.run();
    loop.runUntilStalled();

    assertThat(copying.isDone()).isTrue();
    assertThat(b.bytes()).isEqualTo(a.bytes());
  }

  @Test
  void aFailureOfEitherSideIsTheFailureOfTheCopy() {
    FakeFile a = new FakeFile(Runnable::run, random(50));
    FakeFile b = new FakeFile(Runnable::run);
    b.writeFailure = new IOException("no space");
    CompletableFuture<Long> copying =
        loop.spawn(
                Copy.of(
                    AsyncFile.of(loop, a, Runnable::run).source(0, 10),
                    AsyncFile.of(loop, b, Runnable::run).sink(0, 10)))
            .toCompletableFuture();
    loop.runUntilStalled();

    assertThat(copying.handle((bytes, t) -> t).join()).isSameAs(b.writeFailure);
  }
}
