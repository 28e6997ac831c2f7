package dev.reveille.io.framing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import dev.reveille.io.buffer.BufferPool;
import dev.reveille.io.buffer.BufferPoolOptions;
import dev.reveille.io.buffer.BufferPoolStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Frames of all sizes through sockets, with a pool that has fewer buffers than there are tasks. */
final class FramesOverTcpTest {
  private final SelectorDispatcher loop = new SelectorDispatcher();
  private final BufferPool pool = new BufferPool(loop, BufferPoolOptions.of(1024, 3));

  @AfterEach
  void close() {
    loop.close();
  }

  private TcpStream[] connected() throws Exception {
    TcpListener listener = loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    JoinHandle<TcpStream> accepted = loop.spawn(listener.accept());
    TcpStream client = loop.runUntil(loop.connect(listener.localAddress())).value();
    TcpStream server = loop.runUntil(accepted.join()).value();
    listener.close();
    return new TcpStream[] {client, server};
  }

  /** Sends back each frame, from where it was read. */
  private static final class Echo extends Task {
    private final TcpStream stream;
    private final FrameReader reader;
    private final FrameWriter writer;
    private @Nullable ByteBuffer frame;
    private boolean ended;

    Echo(TcpStream stream, BufferPool pool, Framing framing) {
      super("echo");
      this.stream = stream;
      this.reader = new FrameReader(stream, pool, framing);
      this.writer = new FrameWriter(stream, ByteBuffer.allocateDirect(1024), framing);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      while (!ended) {
        if (frame == null) {
          Poll<@Nullable ByteBuffer> poll = reader.pollFrame(cx);
          if (poll.isPending()) {
            writer.pollFlush(cx); // either of the two wakes
            return Poll.pending();
          }
          frame = poll.value();
          ended = frame == null;
        } else if (writer.pollWrite(cx, frame).isPending()) {
          return Poll.pending();
        } else {
          frame = null;
        }
      }
      if (writer.pollFlush(cx).isPending()) {
        return Poll.pending();
      }
      stream.shutdownOutput();
      return Poll.ready();
    }

    @Override
    protected void cleanup() {
      reader.close();
      writer.close();
      stream.close();
    }
  }

  @Test
  void everyFrameComesBack() throws Exception {
    Framing framing = Framing.lengthPrefixed(1 << 20).withVarint();
    int[] sizes = {0, 1, 100, 1023, 1024, 1025, 70_000, 5, 300_000, 0, 12};
    int connections = 4;
    int rounds = 3;
    JoinHandle<?>[] clients = new JoinHandle<?>[connections];
    for (int c = 0; c < connections; c++) {
      TcpStream[] ends = connected();
      loop.post(new Echo(ends[1], pool, framing));
      // Not of the pool: those who wait for each other must not need one and the same bounded
      // thing.
      FrameReader reader = new FrameReader(ends[0], ByteBuffer.allocate(64), framing);
      FrameWriter writer = new FrameWriter(ends[0], ByteBuffer.allocate(64), framing);
      loop.spawn(
          "asks",
          new dev.reveille.Pollable<Complete>() {
            private int sent;
            private @Nullable ByteBuffer frame;

            @Override
            public Poll<Complete> poll(Context cx) throws Exception {
              for (; sent < rounds * sizes.length; sent++) {
                if (frame == null) {
                  frame = ByteBuffer.allocate(sizes[sent % sizes.length]);
                }
                if (writer.pollWrite(cx, frame).isPending()) {
                  return Poll.pending();
                }
                frame = null;
              }
              if (writer.pollFlush(cx).isPending()) {
                return Poll.pending();
              }
              ends[0].shutdownOutput();
              return Poll.ready();
            }
          });
      clients[c] = loop.spawn("is answered", reader.frames().map(ByteBuffer::remaining).toList());
    }
    loop.runToCompletion();
    for (JoinHandle<?> client : clients) {
      List<?> read = (List<?>) client.toCompletableFuture().get();
      assertThat(read).hasSize(rounds * sizes.length);
      for (int i = 0; i < read.size(); i++) {
        assertThat(read.get(i)).isEqualTo(sizes[i % sizes.length]);
      }
    }
    BufferPoolStats[] stats = new BufferPoolStats[1];
    loop.post(() -> stats[0] = pool.stats());
    loop.runToCompletion();
    assertThat(stats[0].inUse()).isZero();
    assertThat(stats[0].highWater()).isLessThanOrEqualTo(3);
  }

  @Test
  void aLineIsAskedForAndAnsweredByOperations() throws Exception {
    TcpStream[] ends = connected();
    FrameReader reader = new FrameReader(ends[1], pool, Framing.lines(100));
    FrameWriter writer = new FrameWriter(ends[0], pool, Framing.lines(100));
    loop.runUntil(writer.write(ByteBuffer.wrap("gr\u00fc\u00df dich".getBytes(UTF_8))));
    assertThat(loop.runUntil(reader.text()).value()).isEqualTo("gr\u00fc\u00df dich");
    ends[0].close();
    assertThat(loop.runUntil(reader.text()).value()).isNull();
    ends[1].close();
    assertThatThrownBy(() -> loop.runUntil(writer.write(ByteBuffer.allocate(1))))
        .isInstanceOf(java.nio.channels.ClosedChannelException.class);
  }
}
