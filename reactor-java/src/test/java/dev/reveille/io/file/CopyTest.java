package dev.reveille.io.file;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.file.FakeFile.Held;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Copy} from file to file. */
class CopyTest {
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

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private AsyncFile source(byte[] content) throws Exception {
    return await(AsyncFile.open(pool, Files.write(folder.resolve("from"), content), READ));
  }

  private AsyncFile target() throws Exception {
    return await(AsyncFile.open(pool, folder.resolve("to"), WRITE, CREATE));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 99, 100, 101, 199, 200, 201, 12_345})
  void theTargetGetsWhatTheSourceHas(int size) throws Exception {
    byte[] content = random(size);
    Copy copy = Copy.of(source(content), target()).bufferSize(100);
    long bytes = await(copy);

    assertThat(bytes).isEqualTo(size);
    assertThat(copy.copied()).isEqualTo(size);
    assertThat(folder.resolve("to")).hasBinaryContent(content);
  }

  @Test
  void aPartGoesWhereItShallAndTheRestOfTheTargetStays() throws Exception {
    byte[] content = random(1000);
    Files.write(folder.resolve("to"), new byte[2000]);
    long bytes = await(Copy.of(source(content), 100, target(), 500, 350).bufferSize(100));

    assertThat(bytes).isEqualTo(350);
    byte[] expected = new byte[2000];
    System.arraycopy(content, 100, expected, 500, 350);
    assertThat(folder.resolve("to")).hasBinaryContent(expected);
  }

  /** 64 MB, of which the heap sees next to nothing, and direct memory two buffers. */
  @Test
  void aLargeFileIsCopiedInBoundedMemory() throws Exception {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeTrue(threads.isThreadAllocatedMemorySupported());
    long size = 64L << 20;
    Path from = folder.resolve("from");
    try (FileChannel channel = FileChannel.open(from, CREATE_NEW, WRITE)) {
      byte[] block = random(1 << 20);
      for (int i = 0; i < 64; i++) {
        block[0] = (byte) i;
        channel.write(ByteBuffer.wrap(block));
      }
    }
    AsyncFile source = await(AsyncFile.open(pool, from, READ));
    AsyncFile target = target();
    await(Copy.of(source, 0, target, 0, 1 << 20)); // what the first use loads
    long direct = directMemory();
    long before = allocated(threads);

    long bytes = await(Copy.of(source, target));

    long allocated = allocated(threads) - before;
    assertThat(bytes).isEqualTo(size);
    assertThat(allocated).isLessThan(2 << 20);
    assertThat(directMemory() - direct).isLessThanOrEqualTo(2 * 256 * 1024);
    assertThat(Files.mismatch(from, folder.resolve("to"))).isEqualTo(-1);
  }

  /** Of the loop and of the pool's threads. */
  private long allocated(com.sun.management.ThreadMXBean threads) throws Exception {
    long sum = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread == Thread.currentThread() || thread.getName().startsWith("pool-")) {
        sum += Math.max(0, threads.getThreadAllocatedBytes(thread.getId()));
      }
    }
    return sum;
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(java.lang.management.BufferPoolMXBean.class)
        .stream()
        .filter(buffers -> buffers.getName().equals("direct"))
        .mapToLong(java.lang.management.BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  @Test
  void buffersMayBeLent() throws Exception {
    ByteBuffer first = ByteBuffer.allocateDirect(100).limit(7);
    ByteBuffer second = ByteBuffer.allocate(50).position(50);
    byte[] content = random(1000);
    long direct = directMemory();
    long bytes = await(Copy.of(source(content), target()).buffers(first, second));
    assertThat(bytes).isEqualTo(1000);
    assertThat(folder.resolve("to")).hasBinaryContent(content);

    AsyncFile from = source(content);
    AsyncFile to = await(AsyncFile.open(pool, folder.resolve("again"), WRITE, CREATE));
    ByteBuffer third = ByteBuffer.allocate(11);
    ByteBuffer fourth = ByteBuffer.allocate(13);
    bytes = await(Copy.of(from.source(0, third), to.sink(0, fourth)).buffers(first, second));
    assertThat(bytes).isEqualTo(1000);
    assertThat(folder.resolve("again")).hasBinaryContent(content);
    assertThat(directMemory() - direct).isLessThanOrEqualTo(1024); // of the JDK, for heap buffers

    Copy copy = Copy.of(from, to);
    assertThatThrownBy(() -> copy.buffers(first, first)).hasMessageContaining("twice");
    assertThatThrownBy(() -> copy.buffers(first, second.asReadOnlyBuffer()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void progressIsToldEverySoManyBytesAndAtTheEnd() throws Exception {
    List<Long> told = new ArrayList<>();
    Copy copy = Copy.of(source(random(1050)), target()).bufferSize(100).onProgress(250, told::add);
    await(copy);

    assertThat(told).containsExactly(300L, 600L, 900L, 1050L);
    assertThatThrownBy(() -> copy.bufferSize(1)).isInstanceOf(IllegalStateException.class);
    told.clear();
    await(Copy.of(source(random(500)), target()).bufferSize(100).onProgress(250, told::add));
    assertThat(told).containsExactly(300L, 500L);
    told.clear();
    await(Copy.of(source(new byte[0]), target()).onProgress(1, told::add));
    assertThat(told).isEmpty();
  }

  @Test
  void aProgressFunctionThatThrowsFailsTheCopy() throws Exception {
    Copy copy =
        Copy.of(source(random(1000)), target())
            .bufferSize(100)
            .onProgress(
                100,
                bytes -> {
                  throw new IllegalStateException("at " + bytes);
                });

    assertThatThrownBy(() -> await(copy)).hasMessage("at 100");
    assertThat(copy.copied()).isEqualTo(100);
  }

  @Test
  void aSourceThatShrinksEndsTheCopyEarly() throws Exception {
    byte[] content = random(1000);
    AsyncFile from =
        await(AsyncFile.open(pool, Files.write(folder.resolve("from"), content), READ));
    Copy copy = Copy.of(from, target()).bufferSize(100).onProgress(300, copied -> resize(0));
    long bytes = await(copy);

    assertThat(bytes).isBetween(300L, 400L); // one buffer may have been read ahead
    assertThat(folder.resolve("to")).hasBinaryContent(Arrays.copyOf(content, (int) bytes));
  }

  @Test
  void whatIsAppendedMeanwhileIsCopiedTooUpToTheLimit() throws Exception {
    Copy toTheEnd =
        Copy.of(source(random(1000)), target())
            .bufferSize(100)
            .onProgress(1000 - 100, copied -> resize(1500));
    assertThat(await(toTheEnd)).isEqualTo(1500);

    long limited = await(Copy.of(source(random(1000)), 0, target(), 0, 700));
    assertThat(limited).isEqualTo(700);
  }

  private void resize(long size) {
    try (FileChannel channel = FileChannel.open(folder.resolve("from"), WRITE)) {
      if (size < channel.size()) {
        channel.truncate(size);
      } else if (size > channel.size()) {
        channel.write(ByteBuffer.allocate(1), size - 1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void holesAreCopiedAsZeros() throws Exception {
    Path from = folder.resolve("from");
    try (FileChannel channel = FileChannel.open(from, CREATE_NEW, WRITE, SPARSE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}), 1 << 20);
    }
    long bytes = await(Copy.of(await(AsyncFile.open(pool, from)), target()));

    assertThat(bytes).isEqualTo((1 << 20) + 1);
    assertThat(Files.mismatch(from, folder.resolve("to"))).isEqualTo(-1);
  }

  @Test
  void aFileIsNotCopiedOntoItselfByWhateverName() throws Exception {
    AsyncFile from = source(random(10));
    AsyncFile again = await(AsyncFile.open(pool, folder.resolve("from"), WRITE));
    AsyncFile detour = await(AsyncFile.open(pool, folder.resolve("x/../from").normalize(), WRITE));
    Path link = folder.resolve("link");
    AsyncFile linked;
    try {
      linked =
          await(
              AsyncFile.open(pool, Files.createSymbolicLink(link, folder.resolve("from")), WRITE));
    } catch (UnsupportedOperationException e) {
      linked = again;
    }

    for (AsyncFile to : List.of(from, again, detour, linked)) {
      assertThatThrownBy(() -> Copy.of(from, to))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("onto itself");
      assertThatThrownBy(() -> Copy.of(from.source(0, 10), to.sink(10, 10)))
          .hasMessageContaining("onto itself");
    }
  }

  private static boolean linked(Path link, Path existing) {
    try {
      Files.createLink(link, existing);
      return true;
    } catch (UnsupportedOperationException | IOException e) {
      return false; // there are such file systems
    }
  }

  @Test
  void aHardLinkIsTheSameFile() throws Exception {
    AsyncFile from = source(random(10));
    Path link = folder.resolve("link");
    assumeTrue(linked(link, folder.resolve("from")), "a file system with hard links");
    assumeTrue(Files.readAttributes(link, "unix:*").containsKey("ino"), "a system with inodes");
    AsyncFile linked = await(AsyncFile.open(pool, link, WRITE));

    assertThatThrownBy(() -> Copy.of(from, linked)).hasMessageContaining("onto itself");
  }

  @Test
  void badInputIsRefused() throws Exception {
    AsyncFile from = source(random(10));
    AsyncFile to = target();
    assertThatThrownBy(() -> Copy.of(from, -1, to, 0, 1)).hasMessageContaining("position -1");
    assertThatThrownBy(() -> Copy.of(from, 0, to, -1, 1)).hasMessageContaining("position -1");
    assertThatThrownBy(() -> Copy.of(from, 0, to, 0, -1)).hasMessageContaining("-1 bytes");
    assertThatThrownBy(() -> Copy.of(from, to).bufferSize(0)).hasMessageContaining("0 bytes");
    assertThatThrownBy(() -> Copy.of(from, to).onProgress(0, bytes -> {}))
        .hasMessageContaining("every 0");
  }

  // ------------------------------------------------------------------ step by step

  private final Held reads = new Held();
  private final Held writes = new Held();
  private final FakeFile fromFake = new FakeFile(reads, random(1000));
  private final FakeFile toFake = new FakeFile(writes);
  private final AsyncFile from = AsyncFile.of(loop, fromFake, Runnable::run);
  private final AsyncFile to = AsyncFile.of(loop, toFake, Runnable::run);

  private void stepOf(Held calls) {
    calls.runOne();
    loop.runUntilStalled();
  }

  @Test
  void theNextBlockIsReadWhileOneIsWrittenAndNotMore() {
    loop.spawn(Copy.of(from, to).bufferSize(100));
    loop.runUntilStalled();
    stepOf(reads);
    assertThat(writes.size()).isEqualTo(1);
    assertThat(reads.size()).isEqualTo(1); // ahead
    stepOf(reads);
    assertThat(reads.size()).isZero(); // both buffers are full
    stepOf(writes);
    assertThat(writes.size()).isEqualTo(1);
    assertThat(reads.size()).isEqualTo(1);
  }

  @Test
  void aCancelLeavesTheBeginningAndWhatWasOnItsWay() {
    Copy copy = Copy.of(from, to).bufferSize(100);
    JoinHandle<Long> copying = loop.spawn(copy);
    loop.runUntilStalled();
    stepOf(reads);
    stepOf(writes);
    stepOf(reads); // the second block is on its way, and the third one is read
    copying.cancel();
    loop.runUntilStalled();

    assertThat(copying.isDone()).isTrue();
    assertThat(copy.copied()).isEqualTo(100);
    assertThat(toFake.bytes()).hasSize(100);
    writes.run();
    reads.run();
    loop.runUntilStalled();
    assertThat(toFake.bytes()).isEqualTo(Arrays.copyOf(fromFake.bytes(), 200));
    assertThat(copy.copied()).isEqualTo(100);
    assertThat(from.isOpen()).isTrue();
    assertThat(to.isOpen()).isTrue();
  }

  @Test
  void aWriteThatFailsGivesUpTheReadAhead() {
    toFake.writeFailure = new IOException("no space");
    Copy copy = Copy.of(from, to).bufferSize(100);
    CompletableFuture<Long> copying = loop.spawn(copy).toCompletableFuture();
    loop.runUntilStalled();
    stepOf(reads);
    stepOf(writes);

    assertThat(copying).isCompletedExceptionally();
    assertThat(copying.handle((bytes, t) -> t).join()).isSameAs(toFake.writeFailure);
    assertThat(copy.copied()).isZero();
    fromFake.readFailure = new IOException("after the end");
    reads.run();
    loop.runUntilStalled();
    assertThat(rig.takeUncaught()).hasSize(1); // the read that was given up, by its own failure
  }

  @Test
  void aReadThatFailsGivesUpTheWrite() {
    CompletableFuture<Long> copying =
        loop.spawn(Copy.of(from, to).bufferSize(100)).toCompletableFuture();
    loop.runUntilStalled();
    stepOf(reads);
    fromFake.readFailure = new IOException("a bad sector");
    stepOf(reads);

    assertThat(copying.handle((bytes, t) -> t).join()).isSameAs(fromFake.readFailure);
    writes.run();
    loop.runUntilStalled();
    assertThat(toFake.bytes()).hasSize(100);
  }

  @Test
  void filesThatAnswerAtOnceWithAByteDoNotNest() throws Exception {
    FakeFile a = new FakeFile(Runnable::run, random(10_000));
    FakeFile b = new FakeFile(Runnable::run);
    a.bytesPerRead = 1;
    b.bytesPerWrite = 1;
    long bytes =
        await(Copy.of(AsyncFile.of(loop, a, Runnable::run), AsyncFile.of(loop, b, Runnable::run)));

    assertThat(bytes).isEqualTo(10_000);
    assertThat(b.bytes()).isEqualTo(a.bytes());
  }
}
