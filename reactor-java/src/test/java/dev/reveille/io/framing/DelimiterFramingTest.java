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

final class DelimiterFramingTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ScriptedSource source = new ScriptedSource();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Reading reading(int max, String delimiter) {
    Framing framing = Framing.delimited(max, delimiter.getBytes(ISO_8859_1));
    return new Reading(loop, new FrameReader(source, ByteBuffer.allocate(4), framing));
  }

  @Test
  void aDelimiterMayBeginAnewInTheMiddleOfAFalseStart() throws Exception {
    Reading reading = reading(100, "\r\n\r\n");
    source.feed("a\r\n\r");
    assertThat(reading.all()).isEmpty();
    source.feed("\r\n\r\nb\r\n\r\n");
    assertThat(reading.all()).containsExactly("a\r\n\r", "b");
  }

  @Test
  void aDelimiterThatOverlapsItselfIsFoundWhereItFirstEnds() throws Exception {
    source.drip("xaabaabaaaby".getBytes(ISO_8859_1));
    // x aabaaa... : the first complete "aabaaab" ends at the last b
    assertThat(reading(100, "aabaaab").all()).containsExactly("xaab");
    Reading second = reading(100, "aa");
    source.feed("aaaaab");
    assertThat(second.all()).containsExactly("", "");
  }

  @Test
  void theEndOfTheStreamIsNotADelimiter() throws Exception {
    Reading reading = reading(100, "--");
    source.feed("a--b-").end();
    assertThat(reading.next()).isEqualTo("a");
    assertThatThrownBy(reading::next)
        .isInstanceOf(UnexpectedEndException.class)
        .hasMessageContaining("2 bytes");
  }

  @Test
  void theLimitDoesNotCountTheDelimiterNorItsBeginning() throws Exception {
    Reading reading = reading(5, "=====");
    source.drip("12345=====1234=====12===5====".getBytes(ISO_8859_1));
    assertThat(reading.next()).isEqualTo("12345");
    assertThat(reading.next()).isEqualTo("1234");
    assertThatThrownBy(reading::next)
        .isInstanceOfSatisfying(
            TooLongFrameException.class, e -> assertThat(e.length()).isEqualTo(6));
  }

  @Test
  void aFrameThatIsTooLongCanBePassedOverWhereverItsDelimiterIsCut() throws Exception {
    for (int cut = 0; cut < 12; cut++) {
      ScriptedSource script = new ScriptedSource();
      Framing framing = Framing.delimited(2, "abcab".getBytes(ISO_8859_1));
      FrameReader reader = new FrameReader(script, ByteBuffer.allocate(3), framing);
      reader.skipTooLong(true);
      Reading reading = new Reading(loop, reader);
      String text = "12345abcabcabok";
      script.feed(text.substring(0, cut + 1));
      script.feed(text.substring(cut + 1)).feed("abcab").end();
      assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
      // "12345", then "c" "ab" "ok": too long as well
      assertThatThrownBy(reading::next)
          .isInstanceOfSatisfying(
              TooLongFrameException.class, e -> assertThat(e.length()).isGreaterThanOrEqualTo(3));
      assertThat(reading.next()).isEqualTo(Reading.END);
    }
  }

  @Test
  void framesOfAllBytes() throws Exception {
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    Framing framing = Framing.delimited(300, (byte) 0xff, (byte) 0xfe);
    Reading reading = new Reading(loop, new FrameReader(source, ByteBuffer.allocate(4), framing));
    source.feed(all).feed((byte) 0xff, (byte) 0xff, (byte) 0xfe).end();
    String text = new String(all, ISO_8859_1);
    assertThat(reading.all()).containsExactly(text + "\u00ff", END);
  }
}
