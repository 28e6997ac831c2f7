package dev.reveille.io.framing;

import static dev.reveille.io.framing.Reading.END;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ScriptedSource;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LineFramingTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ScriptedSource source = new ScriptedSource();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Reading reading(Framing framing) {
    return new Reading(loop, new FrameReader(source, ByteBuffer.allocate(4), framing));
  }

  @Test
  void linesEndInLfOrCrLfAndACrElsewhereIsAByte() throws Exception {
    source.feed("one\ntwo\r\n\n\r\n\r\rx\r\r\n\rlast").end();
    assertThat(reading(Framing.lines(10)).all())
        .containsExactly("one", "two", "", "", "\r\rx\r", "\rlast", END);
  }

  @Test
  void aCrAtTheEndOfAChunkWaitsForWhatFollows() throws Exception {
    Reading reading = reading(Framing.lines(10));
    source.feed("ab\r");
    assertThat(reading.all()).isEmpty();
    source.feed("\ncd\r");
    assertThat(reading.all()).containsExactly("ab");
    source.feed("e\n");
    assertThat(reading.all()).containsExactly("cd\re");
  }

  @Test
  void whatIsLeftAtTheEndIsALineWithoutItsCr() throws Exception {
    source.feed("ab\r").end();
    assertThat(reading(Framing.lines(10)).all()).containsExactly("ab", END);
  }

  @Test
  void whereLinesMustBeTerminatedTheRestIsAnUnexpectedEnd() throws Exception {
    Reading reading = reading(Framing.terminatedLines(10));
    source.feed("ab\ncd").end();
    assertThat(reading.next()).isEqualTo("ab");
    assertThatThrownBy(reading::next)
        .isInstanceOf(UnexpectedEndException.class)
        .hasMessageContaining("2 bytes");
  }

  @Test
  void theLimitDoesNotCountTheLinesEnd() throws Exception {
    Reading reading = reading(Framing.lines(5));
    source.drip("12345\r\n12345\n12345".getBytes(ISO_8859_1)).end();
    assertThat(reading.all()).containsExactly("12345", "12345", "12345", END);
  }

  @Test
  void aLineThatIsTooLongNamesLimitAndLengthAndFailsTheReader() throws Exception {
    Reading reading = reading(Framing.lines(5));
    source.feed("ok\n123456\nok\n");
    assertThat(reading.next()).isEqualTo("ok");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(reading::next)
          .isInstanceOfSatisfying(
              TooLongFrameException.class,
              e -> {
                assertThat(e.limit()).isEqualTo(5);
                assertThat(e.length()).isEqualTo(6);
              })
          .hasMessageContaining("6")
          .hasMessageContaining("5");
    }
  }

  @Test
  void aLineThatIsTooLongCanBePassedOver() throws Exception {
    for (boolean drip : new boolean[] {false, true}) {
      Reading reading = reading(Framing.lines(5));
      reading.reader.skipTooLong(true);
      byte[] bytes = "ok\n123456789\r\nmore\n12345\r6\n\nend".getBytes(ISO_8859_1);
      if (drip) {
        source.drip(bytes);
      } else {
        source.feed(bytes);
      }
      assertThat(reading.next()).isEqualTo("ok");
      assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
      assertThat(reading.next()).isEqualTo("more");
      assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
      assertThat(reading.next()).isEmpty();
      assertThat(reading.next()).isEqualTo(Reading.PENDING);
      source.feed("\n");
      assertThat(reading.next()).isEqualTo("end");
    }
  }

  @Test
  void theFramingIsNotChangedWhileALongLineIsPassedOver() throws Exception {
    Reading reading = reading(Framing.lines(5));
    reading.reader.skipTooLong(true);
    source.feed("1234567");
    assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
    assertThatThrownBy(() -> reading.reader.use(Framing.exactly(1)))
        .isInstanceOf(IllegalStateException.class);
    source.feed("89\nok\n");
    assertThat(reading.next()).isEqualTo("ok");
    reading.reader.use(Framing.exactly(1));
  }

  @Test
  void aStreamThatEndsInALongLineThatIsPassedOverEnds() throws Exception {
    Reading reading = reading(Framing.lines(5));
    reading.reader.skipTooLong(true);
    source.feed("1234567");
    assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
    source.feed("89").end();
    assertThat(reading.next()).isEqualTo(END);
    assertThat(reading.next()).isEqualTo(END);
  }

  @Test
  void aLongTerminatedLineThatTheStreamCutsIsAnUnexpectedEnd() throws Exception {
    Reading reading = reading(Framing.terminatedLines(5));
    reading.reader.skipTooLong(true);
    source.feed("1234567");
    assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
    source.feed("89").end();
    assertThatThrownBy(reading::next)
        .isInstanceOf(UnexpectedEndException.class)
        .hasMessageContaining("9 bytes");
  }
}
