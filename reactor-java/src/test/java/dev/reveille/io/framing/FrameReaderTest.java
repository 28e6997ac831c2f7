package dev.reveille.io.framing;

import static dev.reveille.io.framing.Reading.END;
import static dev.reveille.io.framing.Reading.PENDING;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ScriptedSource;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What holds for every framing. */
final class FrameReaderTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ScriptedSource source = new ScriptedSource();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Reading reading(Framing framing) {
    return new Reading(loop, new FrameReader(source, ByteBuffer.allocate(16), framing));
  }

  @Test
  void aFrameThatIsCompleteIsGivenWithoutAnotherReadAndTheEndIsToldAgain() throws Exception {
    Reading reading = reading(Framing.lines(100));
    source.feed("a\nb\nc");
    assertThat(reading.next()).isEqualTo("a");
    assertThat(reading.next()).isEqualTo("b");
    assertThat(source.reads).isEqualTo(1);
    assertThat(reading.next()).isEqualTo(PENDING);
    assertThat(reading.next()).isEqualTo(PENDING);
    source.feed("\n").end();
    assertThat(reading.takeWakes()).isEqualTo(1);
    assertThat(reading.next()).isEqualTo("c");
    assertThat(reading.next()).isEqualTo(END);
    assertThat(reading.next()).isEqualTo(END);
  }

  @Test
  void theFramingCanBeChangedBetweenTwoFrames() throws Exception {
    Reading reading = reading(Framing.lines(100));
    source.feed("$5\r\nab\r\nc\r\n$1\r\n");
    assertThat(reading.next()).isEqualTo("$5");
    reading.reader.use(Framing.exactly(7));
    assertThat(reading.next()).isEqualTo("ab\r\nc\r\n");
    reading.reader.use(Framing.lines(100));
    assertThat(reading.next()).isEqualTo("$1");
    reading.reader.use(Framing.exactly(3));
    assertThat(reading.next()).isEqualTo(PENDING);
    source.feed("xyz");
    assertThat(reading.next()).isEqualTo("xyz");
  }

  @Test
  void whatWasSearchedIsSearchedAgainWithANewFraming() throws Exception {
    Reading reading = reading(Framing.delimited(100, (byte) ';'));
    source.feed("ab\ncd");
    assertThat(reading.next()).isEqualTo(PENDING);
    reading.reader.use(Framing.lines(100));
    assertThat(reading.next()).isEqualTo("ab");
    reading.reader.use(Framing.exactly(2));
    assertThat(reading.next()).isEqualTo("cd");
  }

  @Test
  void whatWasReadAheadCanBeTakenOut() throws Exception {
    Reading reading = reading(Framing.lines(100));
    source.feed("upgrade\nbinary");
    assertThat(reading.next()).isEqualTo("upgrade");
    ByteBuffer rest = ByteBuffer.allocate(4);
    assertThat(reading.reader.takeUnread(rest)).isEqualTo(4);
    ByteBuffer more = ByteBuffer.allocate(64);
    assertThat(reading.reader.takeUnread(more)).isEqualTo(2);
    assertThat(reading.reader.takeUnread(more)).isZero();
    assertThat(Reading.latin1(rest.flip()) + Reading.latin1(more.flip())).isEqualTo("binary");
    source.feed("\n");
    assertThat(reading.next()).isEmpty();
  }

  @Test
  void anEndInTheMiddleOfAFrameSaysHowMuchWasThere() throws Exception {
    Reading reading = reading(Framing.lengthPrefixed(100));
    source.feed((byte) 0, (byte) 0, (byte) 0, (byte) 9, (byte) 1, (byte) 2).end();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(reading::next)
          .isInstanceOfSatisfying(
              UnexpectedEndException.class, e -> assertThat(e.received()).isEqualTo(6))
          .hasMessageContaining("6 of 13 bytes");
    }
  }

  @Test
  void aFailureOfTheSourceComesAfterTheFramesBeforeIt() throws Exception {
    Reading reading = reading(Framing.lines(100));
    source.feed("one\ntw").fail(new IOException("reset"));
    assertThat(reading.next()).isEqualTo("one");
    assertThatThrownBy(reading::next).isInstanceOf(IOException.class).hasMessage("reset");
    source.close();
    assertThatThrownBy(reading::next).isInstanceOf(ClosedChannelException.class);
  }

  /** Budget: the tokio rule. "a million tiny frames" in one chunk. */
  @Test
  void aMillionTinyFramesInOneChunkDoNotStarveTheNeighbour() {
    int frames = 1_000_000;
    source.feed(new byte[frames]).end();
    FrameReader reader =
        new FrameReader(
            source, ByteBuffer.allocate(frames), Framing.lengthPrefixed(10).withBytes(1));
    int[] read = {0};
    int[] inThisPoll = {0};
    int[] most = {0};
    JoinHandle<Boolean> handle =
        loop.spawn(
            "reader",
            cx -> {
              inThisPoll[0] = 0;
              for (; ; ) {
                var poll = reader.pollFrame(cx);
                if (poll.isPending()) {
                  return dev.reveille.Poll.pending();
                }
                if (poll.value() == null) {
                  return dev.reveille.Poll.ready(true);
                }
                read[0]++;
                most[0] = Math.max(most[0], ++inThisPoll[0]);
              }
            });
    int[] neighbour = {0};
    loop.spawn(
        "neighbour",
        cx -> {
          neighbour[0]++;
          if (handle.isDone()) {
            return dev.reveille.Poll.ready();
          }
          cx.waker("itself").wake();
          return dev.reveille.Poll.pending();
        });
    loop.runToCompletion();
    assertThat(read[0]).isEqualTo(frames);
    assertThat(most[0]).isLessThanOrEqualTo(128);
    assertThat(neighbour[0]).isGreaterThanOrEqualTo(frames / 128);
  }

  @Test
  void aFrameIsBigEndianWhateverWasDoneToTheOneBefore() throws Exception {
    Reading reading = reading(Framing.exactly(2));
    source.feed((byte) 1, (byte) 2, (byte) 3, (byte) 4);
    for (int expected : new int[] {0x0102, 0x0304}) {
      int value =
          reading.call(
              cx -> {
                ByteBuffer frame = reading.reader.pollFrame(cx).value();
                int v = frame.getShort();
                frame.order(ByteOrder.LITTLE_ENDIAN).clear();
                return v;
              });
      assertThat(value).isEqualTo(expected);
    }
  }

  // ------------------------------------------------------------------ operations and streams

  @Test
  void anOperationThatIsCancelledLeavesWhatHasArrivedToTheNext() throws Exception {
    Reading reading = reading(Framing.lines(100));
    Pollable<?> first = reading.reader.frame();
    source.feed("hal");
    assertThat(reading.call(first::poll).isPending()).isTrue();
    reading.call(
        cx -> {
          first.cancel();
          return true;
        });
    source.feed("f\nnext\n");
    Pollable<ByteBuffer> second = reading.reader.frame();
    ByteBuffer half = reading.call(second::poll).value();
    ByteBuffer next = reading.call(reading.reader.frame()::poll).value();
    assertThat(Reading.latin1(half)).as("a copy: still valid").isEqualTo("half");
    assertThat(Reading.latin1(next)).isEqualTo("next");
    assertThatThrownBy(() -> reading.call(second::poll))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'frame'");
  }

  @Test
  void aStreamOfFramesGivesCopiesAndClosesTheReaderAtItsEnd() throws Exception {
    FrameReader reader =
        new FrameReader(source, ByteBuffer.allocate(16), Framing.delimited(9, (byte) ','));
    source.feed("a,b,,c,").end();
    List<ByteBuffer> frames = loop.runUntil(reader.frames().toList()).value();
    assertThat(frames).extracting(Reading::latin1).containsExactly("a", "b", "", "c");
    assertThatThrownBy(() -> loop.runUntil(reader.frame()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThat(source.isOpen()).isTrue();
  }

  @Test
  void aStreamOfTextsFailsAsTheReaderDoes() throws Exception {
    FrameReader reader = new FrameReader(source, ByteBuffer.allocate(16), Framing.lines(3));
    source.feed("abc\nabcd\nab\n").end();
    PollStream<String> texts = reader.texts();
    assertThat(loop.runUntil(texts.next()).value()).isEqualTo("abc");
    assertThatThrownBy(() -> loop.runUntil(texts.next())).isInstanceOf(TooLongFrameException.class);
  }

  @Test
  void aReaderThatWasClosedSaysSo() {
    Reading reading = reading(Framing.lines(3));
    reading.reader.close();
    reading.reader.close();
    assertThatThrownBy(reading::next).isInstanceOf(IllegalStateException.class);
    assertThat(reading.reader.toString()).contains("lines(3)").contains("closed");
  }

  @Test
  void badArgumentsAreRefusedByName() {
    assertThatThrownBy(() -> Framing.lines(-1)).hasMessageContaining("maxLength");
    assertThatThrownBy(() -> Framing.exactly(0)).hasMessageContaining("length");
    assertThatThrownBy(() -> Framing.delimited(3)).hasMessageContaining("delimiter");
    assertThatThrownBy(() -> Framing.lengthPrefixed(3).withBytes(5)).hasMessageContaining("5");
    ByteBuffer readOnly = ByteBuffer.allocate(8).asReadOnlyBuffer();
    assertThatThrownBy(() -> new FrameReader(source, readOnly, Framing.lines(3)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FrameReader(source, ByteBuffer.allocate(0), Framing.lines(3)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ------------------------------------------------------------------ text

  @Test
  void textIsDecodedWhereverTheNetworkCutsIt() throws Exception {
    String text = "g\u00fcn\u015f \u20ac \ud83d\ude00";
    FrameReader reader = new FrameReader(source, ByteBuffer.allocate(4), Framing.lines(100));
    source.drip((text + "\r\n" + text).getBytes(UTF_8)).end();
    assertThat(loop.runUntil(reader.texts().toList()).value()).containsExactly(text, text);
  }

  @Test
  void malformedTextIsRefusedAndPassedOver() throws Exception {
    Reading reading = reading(Framing.lines(100));
    source.feed(new byte[] {'a', (byte) 0xc3, '\n', 'o', 'k', '\n', 'b', (byte) 0xff, '\n'});
    assertThatThrownBy(() -> reading.call(reading.reader::pollText))
        .isInstanceOf(CharacterCodingException.class);
    assertThat(reading.call(reading.reader::pollText).value()).isEqualTo("ok");
    reading.reader.decodeWith(UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE));
    assertThat(reading.call(reading.reader::pollText).value()).isEqualTo("b\ufffd");
  }

  @Test
  void linesOfAWideCharsetAreRefusedAndDelimitedOnesAreNot() throws Exception {
    Reading reading = reading(Framing.lines(100));
    assertThatThrownBy(() -> reading.reader.decodeWith(UTF_16.newDecoder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("UTF-16");
    reading.reader.use(Framing.delimited(100, (byte) 0, (byte) 0));
    reading.reader.decodeWith(java.nio.charset.StandardCharsets.UTF_16BE.newDecoder());
    assertThatThrownBy(() -> reading.reader.use(Framing.lines(100)))
        .isInstanceOf(IllegalArgumentException.class);
    source.feed(new byte[] {1, 10, 0x20, (byte) 0xac, 0, 0});
    assertThat(reading.call(reading.reader::pollText).value()).isEqualTo("\u010a\u20ac");
  }
}
