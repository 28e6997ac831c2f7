package dev.reveille.io.framing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.HandPolled;
import dev.reveille.io.ScriptedSink;
import dev.reveille.io.ScriptedSource;
import dev.reveille.io.buffer.BufferPool;
import dev.reveille.io.buffer.BufferPoolOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FrameWriterTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final BufferPool pool = new BufferPool(loop, BufferPoolOptions.of(32, 1));
  private final ScriptedSink sink = new ScriptedSink();
  private final HandPolled task = new HandPolled(loop, "writer");

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private FrameWriter writer(Framing framing) {
    return new FrameWriter(sink, ByteBuffer.allocate(16), framing);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
  }

  private boolean write(FrameWriter writer, ByteBuffer payload) throws Exception {
    return task.call(cx -> writer.pollWrite(cx, payload)).isReady();
  }

  private boolean flush(FrameWriter writer) throws Exception {
    return task.call(writer::pollFlush).isReady();
  }

  @Test
  void smallFramesAreCollectedAndLeaveTogether() throws Exception {
    FrameWriter writer = writer(Framing.lines(100));
    sink.allow(100);
    assertThat(write(writer, bytes("one"))).isTrue();
    ByteBuffer two = bytes("two");
    assertThat(write(writer, two)).isTrue();
    assertThat(two.hasRemaining()).isFalse();
    assertThat(sink.writes).isZero();
    assertThat(flush(writer)).isTrue();
    assertThat(sink.text()).isEqualTo("one\ntwo\n");
    assertThat(sink.writes).isEqualTo(1);
    assertThat(sink.flushes).isEqualTo(1);
  }

  @Test
  void aLargeFrameGoesOutWithItsPrefixAndWhatWasCollectedInOneWrite() throws Exception {
    FrameWriter writer = writer(Framing.lengthPrefixed(100).withBytes(1));
    sink.allow(1000);
    assertThat(write(writer, bytes("ab"))).isTrue();
    assertThat(write(writer, bytes("x".repeat(40)))).isTrue();
    assertThat(sink.text()).isEqualTo("\2ab\50" + "x".repeat(40));
    assertThat(sink.writes).isEqualTo(1);
  }

  @Test
  void aSinkThatIsFullIsBackPressure() throws Exception {
    FrameWriter writer = writer(Framing.delimited(100, (byte) '\r', (byte) '\n'));
    ByteBuffer large = bytes("y".repeat(30));
    assertThat(write(writer, bytes("12345678"))).isTrue();
    assertThat(write(writer, large)).isFalse();
    assertThatThrownBy(() -> write(writer, bytes("other")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("another frame");
    assertThatThrownBy(() -> flush(writer)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> writer.use(Framing.lines(1)))
        .isInstanceOf(IllegalStateException.class);
    task.takeWakes();
    for (int i = 0; i < 41; i++) {
      sink.allow(1);
      assertThat(task.takeWakes()).isEqualTo(1);
      assertThat(write(writer, large)).isFalse();
    }
    sink.allow(1);
    assertThat(write(writer, large)).isTrue();
    assertThat(sink.text()).isEqualTo("12345678\r\n" + "y".repeat(30) + "\r\n");
  }

  @Test
  void whatWouldNotBeReadAsOneFrameIsRefused() throws Exception {
    FrameWriter lines = writer(Framing.lines(5));
    for (String wrong : List.of("a\nb", "a\r", "123456", "\n")) {
      assertThatThrownBy(() -> write(lines, bytes(wrong)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    FrameWriter delimited = writer(Framing.delimited(100, "\r\n\r\n".getBytes(ISO_8859_1)));
    for (String wrong : List.of("a\r\n\r\nb", "a\r\n")) {
      assertThatThrownBy(() -> write(delimited, bytes(wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("delimiter");
    }
    assertThat(write(delimited, bytes("a\r\nb"))).isTrue();
    FrameWriter prefixed = writer(Framing.lengthPrefixed(1000).withBytes(1));
    assertThatThrownBy(() -> write(prefixed, ByteBuffer.allocate(256)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("prefix");
    FrameWriter counted = writer(Framing.lengthPrefixed(10).withBytes(1).withAdjustment(5));
    assertThatThrownBy(() -> write(counted, bytes("abc")))
        .isInstanceOf(IllegalArgumentException.class);
    FrameWriter fixed = writer(Framing.exactly(3));
    assertThatThrownBy(() -> write(fixed, bytes("ab")))
        .isInstanceOf(IllegalArgumentException.class);
    FrameWriter whole = writer(Framing.lengthPrefixed(100).withBytes(1).withBytesBefore(1));
    assertThatThrownBy(() -> write(whole, bytes("T\3ab")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(write(whole, bytes("T\2ab"))).isTrue();
    sink.allow(1000);
    assertThat(flush(whole)).isTrue();
    assertThat(sink.text()).isEqualTo("T\2ab");
  }

  @Test
  void aLargeFrameOfTheHeapIsWrittenInPiecesAndADirectOneAtOnce() throws Exception {
    FrameWriter writer = writer(Framing.lines(1 << 20));
    byte[] text = "x".repeat(200_000).getBytes(ISO_8859_1);
    ByteBuffer direct = ByteBuffer.allocateDirect(text.length).put(text).flip();
    sink.allow(1 << 20);
    assertThat(write(writer, ByteBuffer.wrap(text))).isTrue();
    assertThat(sink.writes).isEqualTo(4);
    assertThat(write(writer, direct)).isTrue();
    assertThat(sink.writes).isEqualTo(5);
    String line = new String(text, ISO_8859_1) + "\n";
    assertThat(sink.text()).isEqualTo(line + line);
  }

  @Test
  void anOperationWritesAndFlushes() throws Exception {
    FrameWriter writer = writer(Framing.lengthPrefixed(100));
    Pollable<?> write = writer.write(bytes("abc"));
    assertThat(task.call(write::poll).isPending()).isTrue();
    sink.allow(7);
    assertThat(task.takeWakes()).isEqualTo(1);
    assertThat(task.call(write::poll).isReady()).isTrue();
    assertThat(sink.text()).isEqualTo("\0\0\0\3abc");
  }

  @Test
  void anOperationThatIsCancelledBeforeAByteWasSentTakesTheFrameBack() throws Exception {
    FrameWriter writer = writer(Framing.lengthPrefixed(100).withBytes(1));
    write(writer, bytes("first"));
    Pollable<?> large = writer.write(bytes("x".repeat(30)));
    sink.allow(3); // of the first one
    assertThat(task.call(large::poll).isPending()).isTrue();
    task.call(
        cx -> {
          large.cancel();
          return true;
        });
    sink.allow(100);
    assertThat(write(writer, bytes("last"))).isTrue();
    assertThat(flush(writer)).isTrue();
    assertThat(sink.text()).isEqualTo("\5first\4last");
  }

  @Test
  void anOperationThatIsCancelledInTheMiddleOfItsFrameBreaksTheWriterByName() throws Exception {
    FrameWriter writer = writer(Framing.lengthPrefixed(100).withBytes(1));
    Pollable<?> large = writer.write(bytes("x".repeat(30)));
    sink.allow(3);
    assertThat(task.call(large::poll).isPending()).isTrue();
    task.call(
        cx -> {
          large.cancel();
          return true;
        });
    assertThatThrownBy(() -> write(writer, bytes("last")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("abandoned");
    assertThat(writer.toString()).contains("broken");
  }

  @Test
  void aCancelledOperationWhoseFrameWasCollectedLeavesItToTheNextFlush() throws Exception {
    FrameWriter writer = writer(Framing.lines(100));
    Pollable<?> small = writer.write(bytes("kept"));
    assertThat(task.call(small::poll).isPending()).isTrue();
    task.call(
        cx -> {
          small.cancel();
          return true;
        });
    sink.allow(100);
    assertThat(flush(writer)).isTrue();
    assertThat(sink.text()).isEqualTo("kept\n");
  }

  @Test
  void aWriterBorrowsItsBufferFromTheFirstFrameUntilTheFlush() throws Exception {
    FrameWriter writer = new FrameWriter(sink, pool, Framing.lines(100));
    sink.allow(1000);
    var other = loop.runUntil(pool.acquire()).value();
    ByteBuffer frame = bytes("a");
    assertThat(write(writer, frame)).isFalse();
    task.takeWakes();
    loop.post(other::close);
    assertThat(task.takeWakes()).isEqualTo(1);
    assertThat(write(writer, frame)).isTrue();
    assertThat(pool.stats().inUse()).isEqualTo(1);
    assertThat(flush(writer)).isTrue();
    loop.runUntil(
        cx -> {
          assertThat(pool.stats().inUse()).isZero();
          return dev.reveille.Poll.ready();
        });
    write(writer, bytes("b"));
    loop.post(writer::close);
    loop.runUntilStalled();
    assertThat(pool.stats().inUse()).isZero();
    assertThatThrownBy(() -> flush(writer)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void peersWhoDoNotReadDoNotHoldAllBuffers() throws Exception {
    BufferPool small = new BufferPool(loop, BufferPoolOptions.of(32, 2));
    Framing framing = Framing.lengthPrefixed(1000).withBytes(1);
    List<ScriptedSink> sinks = new ArrayList<>();
    List<FrameWriter> writers = new ArrayList<>();
    List<ByteBuffer> large = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      sinks.add(new ScriptedSink().allow(i % 4));
      writers.add(new FrameWriter(sinks.get(i), small, framing));
      large.add(bytes("y".repeat(40)));
      assertThat(write(writers.get(i), bytes("a"))).isTrue();
      assertThat(write(writers.get(i), bytes("b"))).isTrue();
      assertThat(write(writers.get(i), large.get(i))).isFalse();
      assertThat(small.stats().inUse()).isLessThanOrEqualTo(1);
    }
    for (int i = 0; i < 10; i++) {
      sinks.get(i).allow(1000);
      assertThat(write(writers.get(i), large.get(i))).isTrue();
      assertThat(write(writers.get(i), bytes("c"))).isTrue();
      assertThat(flush(writers.get(i))).isTrue();
      assertThat(sinks.get(i).text()).isEqualTo("\1a\1b\50" + "y".repeat(40) + "\1c");
    }
    assertThat(small.stats().inUse()).isZero();
  }

  @Test
  void aFrameIsTakenBackAlsoWhereWhatWasCollectedHadToMove() throws Exception {
    FrameWriter writer = new FrameWriter(sink, pool, Framing.lengthPrefixed(1000).withBytes(1));
    assertThat(write(writer, bytes("first"))).isTrue();
    sink.allow(2);
    Pollable<?> large = writer.write(bytes("x".repeat(50)));
    assertThat(task.call(large::poll).isPending()).isTrue();
    assertThat(pool.stats().inUse()).isZero();
    task.call(
        cx -> {
          large.cancel();
          return true;
        });
    sink.allow(100);
    assertThat(write(writer, bytes("last"))).isTrue();
    assertThat(flush(writer)).isTrue();
    assertThat(sink.text()).isEqualTo("\5first\4last");
  }

  @Test
  void aSinkThatWasClosedIsToldToTheWriter() throws Exception {
    FrameWriter writer = writer(Framing.lines(100));
    write(writer, bytes("a"));
    assertThat(flush(writer)).isFalse();
    sink.close();
    assertThat(task.takeWakes()).isEqualTo(1);
    assertThatThrownBy(() -> flush(writer)).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aBufferThatIsTooSmallIsRefused() {
    assertThatThrownBy(() -> new FrameWriter(sink, ByteBuffer.allocate(15), Framing.lines(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16");
  }

  /** What is written is read, whatever the framing, the sizes and the room. */
  @Test
  void whatIsWrittenIsRead() throws Exception {
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      Framing framing =
          switch (random.nextInt(5)) {
            case 0 -> Framing.lines(200);
            case 1 -> Framing.delimited(200, (byte) '-', (byte) '+');
            case 2 -> Framing.lengthPrefixed(200).withVarint();
            case 3 -> Framing.lengthPrefixed(200).withBytes(2).withIncludingItself();
            default -> Framing.lengthPrefixed(200).withBytes(8).withLittleEndian();
          };
      ScriptedSink out = new ScriptedSink();
      FrameWriter writer =
          new FrameWriter(out, ByteBuffer.allocate(16 + random.nextInt(100)), framing);
      List<String> frames = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String text = "z-".repeat(random.nextInt(random.nextBoolean() ? 8 : 100));
        frames.add(text);
        ByteBuffer payload = bytes(text);
        while (!write(writer, payload)) {
          out.allow(1 + random.nextInt(50));
        }
        while (random.nextInt(4) == 0 && !flush(writer)) {
          out.allow(1 + random.nextInt(50));
        }
      }
      while (!flush(writer)) {
        out.allow(1 + random.nextInt(50));
      }
      ScriptedSource in = new ScriptedSource().feed(out.bytes()).end();
      FrameReader reader = new FrameReader(in, ByteBuffer.allocate(16), framing);
      List<ByteBuffer> read = loop.runUntil(reader.frames().toList()).value();
      assertThat(read).as("seed %d", seed).extracting(Reading::latin1).isEqualTo(frames);
    }
  }
}
