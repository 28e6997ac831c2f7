package dev.reveille.io.framing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ByteSink;
import dev.reveille.io.ByteSource;
import dev.reveille.io.buffer.BufferPool;
import dev.reveille.io.buffer.BufferPoolOptions;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Frames that are read, and written, by the methods that may be called again and again allocate
 * nothing. Counted by the JVM for the thread, over many frames.
 */
final class FrameAllocationTest {
  private static final int POLLS = 20_000;
  private static final int FRAMES = 50_000;

  /** Per run, whatever the number of frames: well below one byte each. */
  private static final long CONSTANT = 8_192;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final BufferPool pool = new BufferPool(loop, BufferPoolOptions.of(256, 4));
  private ThreadMXBean threads;

  @BeforeEach
  void countBytes() {
    assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
    threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
  }

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** The same bytes for ever; every now and then there is nothing for a moment. */
  private static final class Endless implements ByteSource {
    private final byte[] bytes;
    private int at;
    private int polls;

    Endless(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public Poll<Complete> pollReadable(Context cx) {
      if (++polls % 5 == 0) {
        cx.waker("a moment").wake();
        return Poll.pending();
      }
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }

    @Override
    public int tryRead(ByteBuffer buffer) {
      int n = Math.min(buffer.remaining(), bytes.length - at);
      buffer.put(bytes, at, n);
      at = (at + n) % bytes.length;
      return n;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  /** Takes everything. */
  private static final class Hole implements ByteSink {
    long bytes;

    @Override
    public Poll<Complete> pollWritable(Context cx) {
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }

    @Override
    public int tryWrite(ByteBuffer buffer) {
      int n = buffer.remaining();
      buffer.position(buffer.limit());
      bytes += n;
      return n;
    }

    @Override
    public void shutdownOutput() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  /** What a run of the loop allocates on this thread, after it was done twice before. */
  private long bytesOfARun() {
    loop.runUntilStalled(POLLS);
    loop.runUntilStalled(POLLS);
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    loop.runUntilStalled(POLLS);
    return threads.getThreadAllocatedBytes(id) - before;
  }

  private int[] read(FrameReader reader) {
    int[] frames = {0};
    loop.spawn(
        "reader",
        cx -> {
          while (reader.pollFrame(cx).isReady()) {
            frames[0]++;
          }
          return Poll.pending();
        });
    return frames;
  }

  @Test
  void readingLines() {
    byte[] lines = "GET a\r\nSET b 12\n\nQUIT\n".getBytes(US_ASCII);
    int[] frames =
        read(
            new FrameReader(
                new Endless(lines), ByteBuffer.allocateDirect(100), Framing.lines(100)));
    assertThat(bytesOfARun()).isLessThan(CONSTANT);
    assertThat(frames[0]).isGreaterThan(FRAMES);
  }

  @Test
  void readingWithABorrowedBufferThatIsGivenBackInBetween() {
    byte[] message = "\0\0\0\4abcd".getBytes(US_ASCII);
    int[] frames = read(new FrameReader(new Endless(message), pool, Framing.lengthPrefixed(100)));
    assertThat(bytesOfARun()).isLessThan(CONSTANT);
    assertThat(frames[0]).isGreaterThan(FRAMES);
    assertThat(pool.stats().highWater()).isEqualTo(1);
  }

  @Test
  void readingDelimitedFramesAndVarints() {
    byte[] parts = "a--b-c--".getBytes(US_ASCII);
    int[] delimited =
        read(
            new FrameReader(
                new Endless(parts),
                ByteBuffer.allocate(100),
                Framing.delimited(100, (byte) '-', (byte) '-')));
    int[] varints =
        read(
            new FrameReader(
                new Endless(new byte[] {2, 1, 1, 0}),
                ByteBuffer.allocate(100),
                Framing.lengthPrefixed(100).withVarint()));
    assertThat(bytesOfARun()).isLessThan(CONSTANT);
    assertThat(delimited[0]).isGreaterThan(FRAMES);
    assertThat(varints[0]).isGreaterThan(FRAMES);
  }

  @Test
  void writingSmallAndLargeFrames() {
    Hole sink = new Hole();
    FrameWriter writer = new FrameWriter(sink, pool, Framing.lengthPrefixed(10_000).withVarint());
    ByteBuffer small = ByteBuffer.allocate(20);
    ByteBuffer large = ByteBuffer.allocate(2_000);
    int[] frames = {0};
    loop.spawn(
        "writer",
        cx -> {
          for (; ; ) {
            ByteBuffer frame = frames[0] % 10 == 0 ? large : small;
            if (writer.pollWrite(cx, frame).isPending()) {
              return Poll.pending();
            }
            frame.rewind();
            if (++frames[0] % 25 == 0 && writer.pollFlush(cx).isPending()) {
              return Poll.pending();
            }
          }
        });
    assertThat(bytesOfARun()).isLessThan(CONSTANT);
    assertThat(frames[0]).isGreaterThan(FRAMES);
    assertThat(sink.bytes).isGreaterThan(FRAMES * 100L);
  }

  @Test
  void borrowingAndWaitingForABuffer() {
    BufferPool one = new BufferPool(loop, BufferPoolOptions.of(256, 1));
    int[] borrowed = {0};
    for (int i = 0; i < 3; i++) {
      var lease = one.lease();
      loop.spawn(
          "borrower",
          cx -> {
            if (lease.isHeld()) {
              borrowed[0]++;
              lease.close(); // to the one who has waited longest
            } else if (lease.pollAcquire(cx).isPending()) {
              return Poll.pending();
            }
            cx.waker("itself").wake();
            return Poll.pending();
          });
    }
    assertThat(bytesOfARun()).isLessThan(CONSTANT);
    assertThat(borrowed[0]).isGreaterThan(POLLS / 2);
  }
}
