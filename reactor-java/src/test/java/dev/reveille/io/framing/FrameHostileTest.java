package dev.reveille.io.framing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ScriptedSource;
import dev.reveille.io.buffer.BufferPool;
import dev.reveille.io.buffer.BufferPoolOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Peers who mean harm, or whose network is slow; and how much memory they get. */
final class FrameHostileTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final BufferPool pool = new BufferPool(loop, BufferPoolOptions.of(64, 2));
  private final ScriptedSource source = new ScriptedSource();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** What is announced costs nothing; what arrives at most doubles. */
  @Test
  void aHugeLengthThatIsAllowedTakesNoMemoryBeforeItsBytesCome() throws Exception {
    Reading reading =
        new Reading(
            loop,
            new FrameReader(source, ByteBuffer.allocate(64), Framing.lengthPrefixed(1 << 30)));
    source.feed((byte) 0x3f, (byte) 0xff, (byte) 0xff, (byte) 0xff).feed(new byte[100]);
    assertThat(reading.next()).isEqualTo(Reading.PENDING);
    assertThat(source.largestRoom).isLessThanOrEqualTo(512);
  }

  @Test
  void aLineThatNeverEndsIsRefusedAtTheLimitAndNotLater() {
    Reading reading =
        new Reading(loop, new FrameReader(source, ByteBuffer.allocate(64), Framing.lines(1000)));
    for (int i = 0; i < 100; i++) {
      source.feed(new byte[100]);
    }
    assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
    assertThat(source.bytesRead).isLessThan(1200);
  }

  @Test
  void aLineThatNeverEndsIsPassedOverInConstantMemoryAndGivesWay() throws Exception {
    FrameReader reader = new FrameReader(source, ByteBuffer.allocate(64), Framing.lines(100));
    reader.skipTooLong(true);
    Reading reading = new Reading(loop, reader);
    byte[] chunk = new byte[1000];
    for (int i = 0; i < 2_000; i++) {
      source.feed(chunk);
    }
    source.feed("\nok\n");
    assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
    assertThat(reading.next()).as("its budget was spent").isEqualTo(Reading.PENDING);
    source.largestRoom = 0;
    String frame = Reading.PENDING;
    for (int i = 0; i < 10_000 && frame.equals(Reading.PENDING); i++) {
      frame = reading.next();
    }
    assertThat(frame).isEqualTo("ok");
    assertThat(source.largestRoom).isLessThanOrEqualTo(256);
  }

  /**
   * The delimiter is almost there, again and again, one byte at a time. A search that starts over
   * with each byte would look at 10^10 bytes; what is counted is time, with much to spare.
   */
  @Test
  void falseStartsDoNotMakeTheSearchQuadratic() throws Exception {
    int length = 400_000;
    byte[] delimiter = ("a".repeat(1_000) + "b").getBytes(ISO_8859_1);
    FrameReader reader =
        new FrameReader(source, ByteBuffer.allocate(1 << 20), Framing.delimited(length, delimiter));
    source.drip("a".repeat(length).getBytes(ISO_8859_1)).feed("b");
    Reading reading = new Reading(loop, reader);
    long before = System.nanoTime();
    List<String> frames = reading(reading, 1);
    assertThat(frames.get(0)).hasSize(length - 1_000);
    assertThat((System.nanoTime() - before) / 1_000_000_000).isLessThan(10);
  }

  /** As above, for a line of a megabyte in bytes, into a buffer that has to grow for it. */
  @Test
  void aSlowDripOfALongLineIsLinear() throws Exception {
    int length = 1 << 20;
    FrameReader reader = new FrameReader(source, ByteBuffer.allocate(16), Framing.lines(length));
    source.drip("x".repeat(length).getBytes(ISO_8859_1)).feed("\n");
    Reading reading = new Reading(loop, reader);
    long before = System.nanoTime();
    assertThat(reading(reading, 1).get(0)).hasSize(length);
    assertThat((System.nanoTime() - before) / 1_000_000_000).isLessThan(10);
  }

  private static List<String> reading(Reading reading, int count) throws Exception {
    List<String> frames = new ArrayList<>();
    while (frames.size() < count) {
      String frame = reading.next();
      if (!frame.equals(Reading.PENDING)) {
        frames.add(frame);
      }
    }
    return frames;
  }

  // ------------------------------------------------------------------ whose memory, and for how
  // long

  @Test
  void anIdleReaderHoldsNoBufferOfThePool() throws Exception {
    Reading reading = new Reading(loop, new FrameReader(source, pool, Framing.lines(1000)));
    assertThat(reading.next()).isEqualTo(Reading.PENDING);
    assertThat(pool.stats().inUse()).isZero();
    source.feed("half");
    assertThat(reading.next()).isEqualTo(Reading.PENDING);
    assertThat(pool.stats().inUse()).isEqualTo(1);
    source.feed(" whole\n");
    assertThat(reading.next()).isEqualTo("half whole");
    assertThat(reading.next()).isEqualTo(Reading.PENDING);
    assertThat(pool.stats().inUse()).isZero();
  }

  @Test
  void aReaderWaitsForAPoolThatIsEmptyAndReadsNothingMeanwhile() throws Exception {
    var one = loop.runUntil(pool.acquire()).value();
    var two = loop.runUntil(pool.acquire()).value();
    Reading reading = new Reading(loop, new FrameReader(source, pool, Framing.lines(1000)));
    source.feed("a\n");
    assertThat(reading.next()).isEqualTo(Reading.PENDING);
    assertThat(source.bytesRead).isZero();
    reading.takeWakes();
    reading.call(
        cx -> {
          one.close();
          two.close();
          return true;
        });
    assertThat(reading.takeWakes()).isEqualTo(1);
    assertThat(reading.next()).isEqualTo("a");
  }

  @Test
  void anOperationThatIsCancelledWhileItWaitsForThePoolLeavesItsPlace() throws Exception {
    var one = loop.runUntil(pool.acquire()).value();
    loop.runUntil(pool.acquire());
    Reading reading = new Reading(loop, new FrameReader(source, pool, Framing.lines(1000)));
    source.feed("a\n");
    var frame = reading.reader.frame();
    assertThat(reading.call(frame::poll).isPending()).isTrue();
    reading.call(
        cx -> {
          frame.cancel();
          one.close();
          return true;
        });
    assertThat(pool.stats().idle()).isEqualTo(1);
    assertThat(reading.next()).isEqualTo("a");
  }

  @Test
  void aLargeFrameGivesThePooledBufferBackAndItsOwnIsGivenUpAfterwards() throws Exception {
    Reading reading = new Reading(loop, new FrameReader(source, pool, Framing.lines(100_000)));
    String large = "x".repeat(5_000);
    source.feed(large);
    assertThat(reading.next()).isEqualTo(Reading.PENDING);
    assertThat(pool.stats().inUse()).isZero();
    source.feed("\n");
    assertThat(reading.next()).isEqualTo(large);
    assertThat(reading.next()).isEqualTo(Reading.PENDING);
    source.largestRoom = 0;
    source.feed("small\n");
    assertThat(reading.next()).isEqualTo("small");
    assertThat(source.largestRoom).isEqualTo(64);
  }

  @Test
  void aStreamThatNeverRestsShrinksAfterSomeSmallFrames() throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(64);
    Reading reading = new Reading(loop, new FrameReader(source, buffer, Framing.lines(100_000)));
    source.feed("x".repeat(5_000) + "\n12");
    assertThat(reading.all()).hasSize(1);
    for (int i = 0; i < 20; i++) {
      source.largestRoom = 0;
      source.feed("3\n12"); // there is always the beginning of the next one
      assertThat(reading.all()).containsExactly("123");
    }
    assertThat(source.largestRoom).isLessThanOrEqualTo(64);
  }

  @Test
  void framesThatFitAreMovedToTheFrontAndNeverGrowTheCallersBuffer() throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(16);
    Reading reading = new Reading(loop, new FrameReader(source, buffer, Framing.lines(100)));
    source.feed("12345678\n12345");
    for (int i = 0; i < 20; i++) {
      boolean own =
          reading.call(
              cx -> {
                ByteBuffer frame = reading.reader.pollFrame(cx).value();
                return frame == buffer && frame.remaining() == 8;
              });
      assertThat(own).isTrue();
      assertThat(reading.next()).isEqualTo(Reading.PENDING);
      source.feed("678\n12345");
    }
  }

  @Test
  void aReadIntoALargeBufferOfTheHeapIsBounded() throws Exception {
    Reading reading =
        new Reading(
            loop, new FrameReader(source, ByteBuffer.allocate(1 << 20), Framing.lines(100)));
    source.feed("a\n");
    assertThat(reading.next()).isEqualTo("a");
    assertThat(source.largestRoom).isEqualTo(65_536);
  }

  /** "Slowloris": half a frame, and then nothing, on as many connections as there are buffers. */
  @Test
  void peersWhoStopInTheMiddleOfAFrameDoNotHoldAllBuffers() throws Exception {
    BufferPool small = new BufferPool(loop, BufferPoolOptions.of(64, 4));
    List<ScriptedSource> sources = new ArrayList<>();
    List<Reading> slow = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sources.add(new ScriptedSource().feed("GE" + i));
      slow.add(new Reading(loop, new FrameReader(sources.get(i), small, Framing.lines(1000))));
      assertThat(slow.get(i).next()).isEqualTo(Reading.PENDING);
    }
    assertThat(small.stats().inUse()).isEqualTo(2);
    assertThat(small.stats().highWater()).isEqualTo(3);

    Reading quick = new Reading(loop, new FrameReader(source, small, Framing.lines(1000)));
    source.feed("quick\n");
    assertThat(quick.next()).isEqualTo("quick");

    for (int i = 0; i < 20; i++) {
      sources.get(i).feed("T".repeat(50 * i)).feed("\nnext");
      assertThat(slow.get(i).next()).isEqualTo("GE" + i + "T".repeat(50 * i));
      assertThat(slow.get(i).next()).isEqualTo(Reading.PENDING);
      sources.get(i).feed("\n").end();
      assertThat(slow.get(i).all()).containsExactly("next", Reading.END);
    }
    assertThat(quick.next()).isEqualTo(Reading.PENDING);
    assertThat(small.stats().inUse()).isZero();
  }

  @Test
  void closingAReaderGivesItsBufferBack() throws Exception {
    Reading reading = new Reading(loop, new FrameReader(source, pool, Framing.lines(1000)));
    source.feed("half");
    assertThat(reading.next()).isEqualTo(Reading.PENDING);
    reading.call(
        cx -> {
          reading.reader.close();
          return true;
        });
    assertThat(pool.stats().inUse()).isZero();
  }
}
