package dev.reveille.io.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link AsyncFile} against the files of the system. */
class AsyncFileTest {
  @TempDir Path folder;

  private final Rig rig = new Rig(BasicDispatcher::new);
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

  private AsyncFile file(byte... content) throws Exception {
    Path path = Files.write(Files.createTempFile(folder, "file", null), content);
    return await(AsyncFile.open(pool, path, READ, WRITE));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  static long descriptors() throws IOException {
    Path open = Path.of("/proc/self/fd");
    assumeTrue(Files.isDirectory(open), "a system that tells the open descriptors");
    try (Stream<Path> all = Files.list(open)) {
      return all.count();
    }
  }

  @Test
  void whatIsWrittenIsReadAndForcedAndOutlivesTheFile() throws Exception {
    Path path = folder.resolve("new");
    AsyncFile file = await(AsyncFile.open(pool, path, Set.of(READ, WRITE, CREATE_NEW)));
    ByteBuffer in = ByteBuffer.allocateDirect(4);

    await(file.write(bytes("a file"), 0));
    await(file.force(true));
    int count = await(file.read(in, 2));

    assertThat(count).isEqualTo(4);
    assertThat(US_ASCII.decode(in.flip()).toString()).isEqualTo("file");
    assertThat(file.isOpen()).isTrue();
    file.close();
    file.close();
    assertThat(file.isOpen()).isFalse();
    await(file.closed());
    await(file.closed());
    assertThat(path).hasContent("a file");
  }

  @Test
  void theEndIsToldAndAFullReadThatMeetsItFails() throws Exception {
    AsyncFile file = file((byte) 1, (byte) 2, (byte) 3);
    ByteBuffer buffer = ByteBuffer.allocate(5);

    assertThat(await(file.read(buffer, 3))).isEqualTo(-1);
    assertThat(await(file.read(buffer, 1000))).isEqualTo(-1);
    assertThatThrownBy(() -> await(file.readFully(buffer, 1)))
        .isInstanceOf(EOFException.class)
        .hasMessage("the file ends at 3, 3 bytes early");
    assertThat(buffer.position()).isEqualTo(2);
    await(file.readFully(buffer.clear().limit(3), 0));
    assertThat(Arrays.copyOf(buffer.array(), 3)).containsExactly(1, 2, 3);
    await(file.readFully(buffer, 100)); // it has no room: nothing to do
  }

  @Test
  void sizesChangeByWritingBehindTheEndAndByTruncation() throws Exception {
    AsyncFile file = file((byte) 1);

    await(file.write(ByteBuffer.wrap(new byte[] {2}), 3));
    assertThat(await(file.size())).isEqualTo(4);
    ByteBuffer all = ByteBuffer.allocate(4);
    await(file.readFully(all, 0));
    assertThat(all.array()).containsExactly(1, 0, 0, 2);
    await(file.truncate(2));
    assertThat(await(file.size())).isEqualTo(2);
    await(file.truncate(1000)); // does not make it longer
    assertThat(await(file.size())).isEqualTo(2);
  }

  @Test
  void whatTheSystemSaysSurfacesAsItIs() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> await(AsyncFile.open(pool, nowhere)))
        .isExactlyInstanceOf(NoSuchFileException.class)
        .hasMessage(nowhere.toString());
    assertThatThrownBy(() -> await(AsyncFile.open(pool, nowhere, WRITE, CREATE, APPEND)))
        .isInstanceOf(UnsupportedOperationException.class);

    Path readable = Files.createFile(folder.resolve("readable"));
    AsyncFile source = await(AsyncFile.open(pool, readable));
    assertThatThrownBy(() -> await(source.write(bytes("x"), 0)))
        .isInstanceOf(NonWritableChannelException.class);
    assertThatThrownBy(() -> await(source.lock(0, 1, false)))
        .isInstanceOf(NonWritableChannelException.class);
    AsyncFile target = await(AsyncFile.open(pool, readable, WRITE));
    assertThatThrownBy(() -> await(target.read(ByteBuffer.allocate(1), 0)))
        .isInstanceOf(NonReadableChannelException.class);
  }

  @Test
  void accessThatIsDeniedIsTold() throws Exception {
    Path secret = Files.createFile(folder.resolve("secret"));
    assumeTrue(secret.toFile().setReadable(false), "a system with permissions");
    assumeFalse(Files.isReadable(secret), "run by somebody who may read everything");

    assertThatThrownBy(() -> await(AsyncFile.open(pool, secret)))
        .isExactlyInstanceOf(AccessDeniedException.class);
  }

  @Test
  void aFullDiskIsTold() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "a device that is always full");
    AsyncFile file = await(AsyncFile.open(pool, full, WRITE));

    assertThatThrownBy(() -> await(file.write(bytes("x"), 0)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
  }

  @Test
  void aLockKeepsOthersOutUntilItIsClosed() throws Exception {
    AsyncFile file = file((byte) 1);

    try (FileLock lock = await(file.lock(0, 10, false))) {
      assertThat(lock.isValid()).isTrue();
      assertThatThrownBy(() -> await(file.lock(5, 1, true)))
          .isInstanceOf(OverlappingFileLockException.class);
      assertThatThrownBy(() -> file.tryLock(5, 1, true))
          .isInstanceOf(OverlappingFileLockException.class);
      try (FileLock beside = file.tryLock(10, 1, true)) {
        assertThat(beside).isNotNull();
      }
    }
    try (FileLock again = await(file.lock(5, 1, true))) {
      assertThat(again.isShared()).isTrue();
    }
  }

  @Test
  void nothingBeginsOnAClosedFile() throws Exception {
    AsyncFile file = file((byte) 1);
    Pollable<Integer> made = file.read(ByteBuffer.allocate(1), 0);
    file.close();

    assertThatThrownBy(() -> await(made)).isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> await(file.write(bytes("x"), 0)))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> await(file.force(true)))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> await(file.lock(0, 1, false)))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> file.tryLock(0, 1, false))
        .isExactlyInstanceOf(ClosedChannelException.class);
  }

  @Test
  void badInputIsRefusedAtTheCall() throws Exception {
    AsyncFile file = file((byte) 1);
    ByteBuffer none = ByteBuffer.allocate(0);
    ByteBuffer one = ByteBuffer.allocate(1);

    assertThatThrownBy(() -> file.read(none, 0)).hasMessageContaining("without room");
    assertThatThrownBy(() -> file.read(one.asReadOnlyBuffer(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("read-only");
    assertThatThrownBy(() -> file.read(one, -1)).hasMessageContaining("position -1");
    assertThatThrownBy(() -> file.write(one, Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.readFully(one.asReadOnlyBuffer(), 0))
        .hasMessageContaining("read-only");
    assertThatThrownBy(() -> file.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.lock(0, -1, false)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.tryLock(-1, 1, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.source(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.sink(-1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.sink(0, one.asReadOnlyBuffer()))
        .isInstanceOf(IllegalArgumentException.class);
    AsynchronousFileChannel channel =
        AsynchronousFileChannel.open(folder.resolve("x"), WRITE, CREATE);
    assertThatThrownBy(() -> AsyncFile.of(loop, channel, loop.asExecutor()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("would block the loop of 'loop'");
    channel.close();
  }

  @Test
  void anExecutorThatRefusesFailsTheOperationAndStillGivesTheDescriptorBack() throws Exception {
    ExecutorService gone = Executors.newSingleThreadExecutor();
    long before = descriptors();
    Path path = Files.createFile(folder.resolve("file"));
    AsyncFile file = await(AsyncFile.open(gone, path, READ, WRITE));
    gone.shutdown();

    assertThatThrownBy(() -> await(file.read(ByteBuffer.allocate(1), 0)))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> await(file.force(false)))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> await(AsyncFile.open(gone, path)))
        .isInstanceOf(RejectedExecutionException.class);
    await(file.settled()); // what was refused is not in flight
    file.close();
    assertThat(descriptors()).isEqualTo(before);
  }

  @Test
  void theDescriptorsReturnToWhatTheyWere() throws Exception {
    await(file((byte) 1).size()); // what the first use loads
    long before = descriptors();

    for (int i = 0; i < 50; i++) {
      AsyncFile file = file((byte) i);
      Pollable<Integer> givenUp = file.read(ByteBuffer.allocate(1), 0);
      JoinHandle<Integer> reader = loop.spawn(givenUp);
      loop.runUntilStalled();
      reader.cancel();
      file.close();
      await(file.closed());
    }

    assertThat(descriptors()).isEqualTo(before);
  }

  @Test
  void anOpenThatWasGivenUpIsClosedWhenItComes() throws Exception {
    await(file((byte) 1).size());
    Path path = Files.createFile(folder.resolve("file"));
    long before = descriptors();
    CountDownLatch gate = new CountDownLatch(1);
    pool.execute(() -> awaitQuietly(gate));
    pool.execute(() -> awaitQuietly(gate));

    JoinHandle<AsyncFile> opening = loop.spawn(AsyncFile.open(pool, path));
    loop.runUntilStalled();
    opening.cancel();
    loop.runUntilStalled();
    gate.countDown();

    rig.callElsewhere(() -> pool.submit(() -> {}).get()); // behind the open
    Rig.awaitState(
        "the descriptor is given back",
        () -> {
          loop.runUntilStalled(); // where late values are disposed of
          try {
            return descriptors() == before;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(opening.isDone()).isTrue();
  }

  private static void awaitQuietly(CountDownLatch gate) {
    try {
      Rig.await(gate);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsStillOpenIsClosedWithItsDispatcher() throws Exception {
    await(file((byte) 1).size());
    long before = descriptors();
    RunnableDispatcher other = rig.dispatcher();
    Path path = Files.createFile(folder.resolve("file"));
    AsyncFile opened = other.runUntil(AsyncFile.open(pool, path)).value();
    AsyncFile given = AsyncFile.of(other, AsynchronousFileChannel.open(path, READ), Runnable::run);
    JoinHandle<Integer> reader = other.spawn(opened.read(ByteBuffer.allocate(1), 0));
    other.runUntilStalled();

    other.close();

    assertThat(opened.isOpen()).isFalse();
    assertThat(given.isOpen()).isFalse();
    assertThat(reader.isDone()).isTrue();
    assertThat(descriptors()).isEqualTo(before);
    await(opened.closed()); // by another loop, why not
  }

  /** Whatever is in flight when the file is closed ends: with its result, or with the close. */
  @Test
  void closingEndsWhatIsInFlight() throws Exception {
    await(file((byte) 1).size());
    long before = descriptors();
    int[] ends = new int[2];
    for (int round = 0; round < 50; round++) {
      AsyncFile file = file(new byte[4096]);
      List<CompletableFuture<?>> inFlight = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
        inFlight.add(loop.spawn(file.read(buffer, 0)).toCompletableFuture());
        inFlight.add(loop.spawn(file.write(buffer.duplicate(), 0)).toCompletableFuture());
        inFlight.add(loop.spawn(file.size()).toCompletableFuture());
      }
      loop.runUntilStalled();
      file.close();
      await(file.closed());
      await(file.settled());
      loop.runUntilStalled();
      for (CompletableFuture<?> each : inFlight) {
        assertThat(each).isDone();
        if (each.isCompletedExceptionally()) {
          ends[0]++;
          assertThat(each.handle((value, failure) -> failure).join())
              .isInstanceOf(ClosedChannelException.class); // or one below it
        } else {
          ends[1]++;
        }
      }
    }
    assertThat(ends[0] + ends[1]).isEqualTo(50 * 30);
    assertThat(descriptors()).isEqualTo(before);
  }

  /** An interrupt closes a FileChannel under those who use it. Not this one. */
  @Test
  void anInterruptOfTheLoopDoesNotCloseTheFile() throws Exception {
    AsyncFile file = file((byte) 1, (byte) 2);
    Pollable<Integer> read = file.read(ByteBuffer.allocate(2), 0);

    Thread.currentThread().interrupt();
    int count = await(read);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(count).isEqualTo(2);
    assertThat(file.isOpen()).isTrue();
    assertThat(await(file.size())).isEqualTo(2);
    rig.takeUncaught();
  }

  @Test
  void manyOperationsAreInFlightAtOnceAndOfSeveralLoops() throws Exception {
    AsyncFile file = file(new byte[1000]);
    RunnableDispatcher second = rig.dispatcher();
    for (int i = 0; i < 1000; i += 2) {
      loop.spawn(file.write(ByteBuffer.wrap(new byte[] {(byte) i}), i));
      second.spawn(file.write(ByteBuffer.wrap(new byte[] {(byte) (i + 1)}), i + 1));
    }

    loop.runToCompletion();
    second.runToCompletion();

    ByteBuffer all = ByteBuffer.allocate(1000);
    await(file.readFully(all, 0));
    for (int i = 0; i < 1000; i++) {
      assertThat(all.get(i)).isEqualTo((byte) i);
    }
  }
}
