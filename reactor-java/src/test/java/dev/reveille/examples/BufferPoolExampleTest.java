package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import dev.reveille.combine.Pollables;
import dev.reveille.io.ByteSource;
import dev.reveille.io.ScriptedSource;
import dev.reveille.io.buffer.BufferLease;
import dev.reveille.io.buffer.BufferPool;
import dev.reveille.io.buffer.BufferPoolOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BufferPoolExampleTest {
  private final StringBuilder handled = new StringBuilder();

  private void handle(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      handled.append((char) bytes.get());
    }
  }

  @Test
  void aBufferIsBorrowedForOneRead() {
    ScriptedSource source = new ScriptedSource().feed("hello");
    try (var dispatcher = new BasicDispatcher()) {
      try (var pool = new BufferPool(dispatcher, BufferPoolOptions.of(16 * 1024, 256))) {
        Pollable<Integer> firstRead =
            Pollables.then(
                pool.acquire(), // waits if 256 are in use
                lease -> Pollables.withCleanup(source.read(lease.buffer()), lease::close));
        dispatcher.spawn("first read", firstRead);
        dispatcher.runToCompletion();
      }
    }
    assertThat(source.bytesRead).isEqualTo(5);
  }

  @Test
  void theOptionsOfAPool() {
    BufferPoolOptions options =
        BufferPoolOptions.of(16 * 1024, 256) // at most 4 MB
            .withName("requests")
            .withLeakReports(true); // while looking for one
    assertThat(options.leakReports()).isTrue();
    assertThat(options.direct()).isTrue();
    assertThat(options.withDirect(false).name()).isEqualTo("requests");
  }

  final class Session extends Task {
    private final ByteSource stream;
    private final BufferLease lease;

    Session(ByteSource stream, BufferPool pool) {
      super("session");
      this.stream = stream;
      this.lease = pool.lease();
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      while (stream.pollReadable(cx).isReady()) {
        if (lease.pollAcquire(cx).isPending()) {
          return Poll.pending(); // woken when another session gives one back
        }
        ByteBuffer buffer = lease.buffer();
        if (stream.tryRead(buffer) < 0) {
          return Poll.ready();
        }
        handle(buffer.flip());
        lease.close(); // while it waits for more, it holds no buffer
      }
      return Poll.pending();
    }

    @Override
    protected void cleanup() {
      lease.close();
      stream.close();
    }
  }

  @Test
  void aSessionHoldsABufferOnlyWhileThereAreBytes() {
    ScriptedSource source = new ScriptedSource().feed("one ").feed("two");
    try (var dispatcher = new BasicDispatcher()) {
      var pool = new BufferPool(dispatcher, BufferPoolOptions.of(1024, 1));
      dispatcher.post(new Session(source, pool));
      dispatcher.runUntilStalled();
      assertThat(handled).hasToString("one two");
      assertThat(pool.stats().inUse()).isZero();
      source.end();
      dispatcher.runToCompletion();
      assertThat(source.isOpen()).isFalse();
      assertThat(pool.stats().inUse()).isZero();
    }
  }
}
