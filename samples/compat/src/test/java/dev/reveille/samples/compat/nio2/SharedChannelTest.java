package dev.reveille.samples.compat.nio2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.callbacks.executors.DispatcherExecutorService;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In the middle of a migration: handlers as before and bridged calls, on one channel at a time. */
final class SharedChannelTest {
  private static final int BYTES = 5_000;

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
  void handlersWriteWhatATaskReadsFromTheSameSocket() throws Exception {
    AsynchronousServerSocketChannel server = sockets.listening();
    loop.post(new AcceptTask(server, 1)); // new: an echo made of bridged calls
    AsynchronousSocketChannel channel = sockets.open();
    loop.runUntil(Nio2.connect(channel, server.getLocalAddress()));

    CompletableFuture<Integer> written = new CompletableFuture<>();
    new LegacyWriter(channel, written).write(); // old: a chain of handlers
    ReadingTask reading = new ReadingTask(channel);
    loop.runUntil(reading);

    assertThat(written.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(BYTES);
    for (int i = 0; i < BYTES; i++) {
      assertThat(reading.bytes[i]).isEqualTo((byte) i);
    }
  }

  /** Writes byte after byte, each in the handler of the one before. */
  private static final class LegacyWriter implements CompletionHandler<Integer, Object> {
    private final AsynchronousSocketChannel channel;
    private final CompletableFuture<Integer> done;
    private final ByteBuffer one = ByteBuffer.allocate(1);
    private int written;

    LegacyWriter(AsynchronousSocketChannel channel, CompletableFuture<Integer> done) {
      this.channel = channel;
      this.done = done;
    }

    void write() {
      one.clear().put((byte) written).flip();
      channel.write(one, null, this);
    }

    @Override
    public void completed(Integer bytes, Object attachment) {
      written += bytes;
      if (written == BYTES) {
        done.complete(written);
      } else {
        write();
      }
    }

    @Override
    public void failed(Throwable failure, Object attachment) {
      done.completeExceptionally(failure);
    }
  }

  private static final class ReadingTask extends Task {
    final byte[] bytes = new byte[BYTES];
    private final AsynchronousSocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
    private Pollable<Integer> read;

    ReadingTask(AsynchronousSocketChannel channel) {
      this.channel = channel;
      this.read = Nio2.read(channel, buffer);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      while (buffer.hasRemaining()) {
        if (read.poll(cx).isPending()) {
          return Poll.pending();
        }
        if (buffer.hasRemaining()) {
          read = Nio2.read(channel, buffer);
        }
      }
      return Poll.ready();
    }
  }

  @Test
  void handlersAndTasksWriteTheSameFile(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("shared");
    Set<Long> byHandlers = new HashSet<>();
    List<JoinHandle<Integer>> byTasks = new ArrayList<>();
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    try (AsynchronousFileChannel file =
        AsynchronousFileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (long i = 0; i < 200; i++) {
        ByteBuffer block = ByteBuffer.allocate(8).putLong(i).flip();
        if (i % 2 == 0) {
          byHandlers.add(i);
          answers.add(legacyWrite(file, block, i * 8));
        } else {
          byTasks.add(loop.spawn(Nio2.write(file, block, i * 8)));
          loop.runUntilStalled();
        }
      }
      for (JoinHandle<Integer> each : byTasks) {
        assertThat(loop.runUntil(each.join()).value()).isEqualTo(8);
      }
      for (CompletableFuture<Integer> each : answers) {
        assertThat(each.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(8);
      }
    }
    assertThat(byHandlers).hasSameSizeAs(byTasks);
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path));
    for (long i = 0; i < 200; i++) {
      assertThat(all.getLong()).isEqualTo(i);
    }
  }

  private static CompletableFuture<Integer> legacyWrite(
      AsynchronousFileChannel file, ByteBuffer block, long position) {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    file.write(
        block,
        position,
        answer,
        new CompletionHandler<Integer, CompletableFuture<Integer>>() {
          @Override
          public void completed(Integer bytes, CompletableFuture<Integer> waiting) {
            waiting.complete(bytes);
          }

          @Override
          public void failed(Throwable failure, CompletableFuture<Integer> waiting) {
            waiting.completeExceptionally(failure);
          }
        });
    return answer;
  }

  @Test
  void oneLoopRunsHandlersTasksAndRunnablesInTheOrderInWhichTheyBecameReady() throws Exception {
    Sockets.Pair forHandler = sockets.pair();
    Sockets.Pair forTask = sockets.pair();
    List<String> order = new ArrayList<>(); // the loop's alone
    DispatcherExecutorService executor = DispatcherExecutorService.of(loop);
    CompletableFuture<String> handlerQueued = new CompletableFuture<>();

    // Old code whose handlers hop to the loop, as they hopped to their executor before.
    forHandler
        .near()
        .read(
            ByteBuffer.allocate(8),
            null,
            new CompletionHandler<Integer, Object>() {
              @Override
              public void completed(Integer bytes, Object attachment) {
                executor.execute(() -> order.add("handler read " + bytes));
                handlerQueued.complete("queued");
              }

              @Override
              public void failed(Throwable failure, Object attachment) {
                handlerQueued.completeExceptionally(failure);
              }
            });
    JoinHandle<Boolean> task =
        loop.spawn(
            Pollables.map(
                Nio2.read(forTask.near(), ByteBuffer.allocate(8)),
                bytes -> order.add("task read " + bytes)));
    loop.runUntilStalled();

    loop.post(() -> order.add("runnable"));
    sendAndAwait(forHandler.far(), 1);
    handlerQueued.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    executor.execute(() -> order.add("command"));
    executor.schedule(() -> order.add("in a second"), 1, TimeUnit.SECONDS);
    sendAndAwait(forTask.far(), 2);
    assertThat(order).as("nobody drives the loop").isEmpty();

    assertThat(loop.runUntil(task.join()).value()).isTrue();
    assertThat(order).containsExactly("runnable", "handler read 1", "command", "task read 2");
    rig.advance(Duration.ofSeconds(1));
    assertThat(order).endsWith("in a second");
  }

  private static void sendAndAwait(AsynchronousSocketChannel channel, int bytes) throws Exception {
    assertThat(channel.write(ByteBuffer.allocate(bytes)).get()).isEqualTo(bytes);
  }
}
