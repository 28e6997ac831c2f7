package dev.reveille.samples.compat.nio2;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.combine.Join;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import dev.reveille.samples.compat.Heard;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code AsynchronousFileChannel}, whose handlers run on the threads of an executor. */
final class FilesTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  @TempDir private Path folder;
  private Path path;
  private AsynchronousFileChannel file;

  @BeforeEach
  void open() throws Exception {
    path = folder.resolve("blocks");
    file =
        AsynchronousFileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            threads);
  }

  @AfterEach
  void close() throws Exception {
    file.close();
    threads.shutdown();
    assertThat(threads.awaitTermination(Rig.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    rig.close();
  }

  @Test
  void aHundredBlocksAreWrittenAndReadAtOnce() throws Exception {
    List<Pollable<Integer>> writes = new ArrayList<>();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      String block = "block %03d;".formatted(i);
      expected.append(block);
      writes.add(Nio2.write(file, ByteBuffer.wrap(block.getBytes(US_ASCII)), i * 10L));
    }
    assertThat(loop.runUntil(Join.all(writes)).value()).containsOnly(10);
    assertThat(path).hasContent(expected.toString());

    List<Pollable<Integer>> reads = new ArrayList<>();
    List<ByteBuffer> blocks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ByteBuffer block = ByteBuffer.allocate(10);
      blocks.add(block);
      reads.add(Nio2.read(file, block, i * 10L));
    }
    assertThat(loop.runUntil(Join.all(reads)).value()).containsOnly(10);
    StringBuilder read = new StringBuilder();
    blocks.forEach(block -> read.append(US_ASCII.decode(block.flip())));
    assertThat(read).hasToString(expected.toString());
  }

  @Test
  void behindTheEndThereIsNothing() throws Exception {
    assertThat(loop.runUntil(Nio2.read(file, ByteBuffer.allocate(1), 5)).value()).isEqualTo(-1);
  }

  @Test
  void aLockIsAHandlersValueAndAnOverlapIsThrown() throws Exception {
    FileLock lock = loop.runUntil(lock()).value();
    assertThat(lock.isValid()).isTrue();

    assertThatThrownBy(() -> loop.runUntil(lock()))
        .isInstanceOf(OverlappingFileLockException.class);

    lock.release();
    FileLock again = loop.runUntil(lock()).value();
    again.release();
  }

  private Pollable<FileLock> lock() {
    return Callbacks.call("lock", c -> file.lock(null, Callbacks.handler(c)));
  }

  @Test
  void whatTheChannelMayNotDoIsThrownFromTheCall() throws Exception {
    Files.write(path, new byte[1]);
    try (AsynchronousFileChannel readOnly =
        AsynchronousFileChannel.open(path, Set.of(StandardOpenOption.READ), threads)) {
      assertThatThrownBy(() -> loop.runUntil(Nio2.write(readOnly, ByteBuffer.allocate(1), 0)))
          .isInstanceOf(NonWritableChannelException.class);
    }
    assertThatThrownBy(() -> loop.runUntil(Nio2.read(file, ByteBuffer.allocate(1), -1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void givingUpClosesTheFileAndWaitsUntilItsThreadHasLeftTheBuffer() throws Exception {
    Files.write(path, new byte[10]);
    CountDownLatch goOn = new CountDownLatch(1);
    occupyTheThreads(goOn); // the read stays queued
    Heard heard = Heard.on(loop);
    Ended<Integer> read = Ended.begun(loop, Nio2.read(file, ByteBuffer.allocate(10), 0));

    read.cancel();

    assertThat(read.isDone()).as("who gave up goes on").isTrue();
    assertThat(file.isOpen()).isFalse();
    assertThat(loop.runUntilStalled()).as("the loop waits").isEqualTo(RunOutcome.ASLEEP);
    goOn.countDown();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(heard.words()).containsExactly("read of a file late", "read of a file CANCELLED");
    assertThatThrownBy(() -> loop.runUntil(Nio2.read(file, ByteBuffer.allocate(1), 0)))
        .isInstanceOf(ClosedChannelException.class);
  }

  private void occupyTheThreads(CountDownLatch until) throws InterruptedException {
    CountDownLatch occupied = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      threads.execute(
          () -> {
            occupied.countDown();
            try {
              Rig.await(until);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    Rig.await(occupied);
  }
}
