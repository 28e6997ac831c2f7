package dev.reveille.io.framing;

import static dev.reveille.io.framing.Reading.END;
import static dev.reveille.io.framing.Reading.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ScriptedSource;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LengthPrefixTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ScriptedSource source = new ScriptedSource();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static final LengthPrefix DEFAULT = Framing.lengthPrefixed(1000);

  private Reading reading(Framing framing) {
    return new Reading(loop, new FrameReader(source, ByteBuffer.allocate(16), framing));
  }

  private String read(Framing framing, String hex) throws Exception {
    Reading whole = reading(framing);
    source.feed(HexFormat.of().parseHex(hex));
    String frame = whole.next();
    assertThat(whole.next()).isEqualTo(PENDING);
    Reading dripped = reading(framing);
    source.drip(HexFormat.of().parseHex(hex));
    assertThat(dripped.all()).containsExactly(frame);
    return frame;
  }

  @Test
  void lengthsOfAllSizesAndOrders() throws Exception {
    assertThat(read(DEFAULT.withBytes(1), "026162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withBytes(2), "00026162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withBytes(3), "0000026162")).isEqualTo("ab");
    assertThat(read(DEFAULT, "000000026162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withBytes(8), "00000000000000026162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withBytes(2).withLittleEndian(), "02006162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withBytes(3).withLittleEndian(), "0200006162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withLittleEndian(), "020000006162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withBytes(8).withLittleEndian(), "02000000000000006162"))
        .isEqualTo("ab");
    assertThat(read(DEFAULT, "00000000")).isEmpty();
  }

  @Test
  void oneByteIsUnsigned() throws Exception {
    String frame = read(DEFAULT.withBytes(1), "ff" + "61".repeat(255));
    assertThat(frame).hasSize(255);
  }

  @Test
  void varints() throws Exception {
    assertThat(read(DEFAULT.withVarint(), "026162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withVarint(), "00")).isEmpty();
    assertThat(read(DEFAULT.withVarint(), "ac02" + "61".repeat(300))).hasSize(300);
    assertThat(read(DEFAULT.withVarint(), "8280006162")).as("longer than needed").isEqualTo("ab");
  }

  @Test
  void aVarintThatDoesNotEndIsRefused() {
    Reading reading = reading(DEFAULT.withVarint());
    source.feed(HexFormat.of().parseHex("80".repeat(9)));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(reading::next).isInstanceOf(MalformedFrameException.class);
    }
  }

  @Test
  void aLengthThatCountsItselfAndOneThatDoesNotCountAHeader() throws Exception {
    assertThat(read(DEFAULT.withIncludingItself(), "000000066162")).isEqualTo("ab");
    assertThat(read(DEFAULT.withBytes(3).withAdjustment(6), "000002" + "616263646566" + "6768"))
        .isEqualTo("abcdefgh");
    assertThat(read(DEFAULT.withBytes(1).withAdjustment(-1), "036162")).isEqualTo("ab");
  }

  @Test
  void aLengthAfterOtherBytesComesWithTheWholeFrame() throws Exception {
    Framing postgres = DEFAULT.withIncludingItself().withBytesBefore(1);
    assertThat(read(postgres, "51" + "00000006" + "6162")).isEqualTo("Q\0\0\0\6ab");
    assertThat(read(postgres, "51" + "00000004")).isEqualTo("Q\0\0\0\4");
  }

  @Test
  void aLengthThatIsLessThanWhatItCountsIsMalformed() {
    Reading reading = reading(DEFAULT.withIncludingItself());
    source.feed(HexFormat.of().parseHex("00000003"));
    assertThatThrownBy(reading::next)
        .isInstanceOf(MalformedFrameException.class)
        .hasMessageContaining("3");
  }

  @Test
  void aNegativeLengthIsMalformedAndAHugeOneIsTooLong() {
    Reading negative = reading(DEFAULT.withBytes(8));
    source.feed(HexFormat.of().parseHex("ffffffffffffffff"));
    assertThatThrownBy(negative::next)
        .isInstanceOf(MalformedFrameException.class)
        .hasMessageContaining("-1");

    Reading huge = reading(DEFAULT.withBytes(8));
    source.feed(HexFormat.of().parseHex("7fffffffffffff00"));
    assertThatThrownBy(huge::next)
        .isInstanceOfSatisfying(
            TooLongFrameException.class,
            e -> assertThat(e.length()).isEqualTo(0x7fffffffffffff00L));

    Reading unsigned = reading(DEFAULT);
    source.feed(HexFormat.of().parseHex("ffffffff"));
    assertThatThrownBy(unsigned::next)
        .isInstanceOf(TooLongFrameException.class)
        .hasMessageContaining("4294967295");
  }

  @Test
  void aLengthThatOverflowsIsMalformed() {
    Reading prefix = reading(DEFAULT.withBytes(8));
    source.feed(HexFormat.of().parseHex("7fffffffffffffff"));
    assertThatThrownBy(prefix::next)
        .isInstanceOf(MalformedFrameException.class)
        .hasMessageContaining("overflows");
    Reading adjusted = reading(DEFAULT.withBytes(8).withAdjustment(100));
    source.feed(HexFormat.of().parseHex("7fffffffffffffff"));
    assertThatThrownBy(adjusted::next)
        .isInstanceOf(MalformedFrameException.class)
        .hasMessageContaining("overflows");
  }

  @Test
  void aMessageThatIsTooLongCanBePassedOver() throws Exception {
    Reading reading = reading(Framing.lengthPrefixed(2).withBytes(1));
    reading.reader.skipTooLong(true);
    source.feed("\2ab\50" + "x".repeat(39));
    assertThat(reading.next()).isEqualTo("ab");
    assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
    assertThat(reading.next()).isEqualTo(PENDING);
    source.feed("x\1c").end();
    assertThat(reading.next()).isEqualTo("c");
    assertThat(reading.next()).isEqualTo(END);
  }

  @Test
  void anEndInAMessageThatIsPassedOverSaysHowMuchWasThere() throws Exception {
    Reading reading = reading(Framing.lengthPrefixed(2).withBytes(1));
    reading.reader.skipTooLong(true);
    source.feed("\50" + "x".repeat(30));
    assertThatThrownBy(reading::next).isInstanceOf(TooLongFrameException.class);
    source.end();
    assertThatThrownBy(reading::next)
        .isInstanceOf(UnexpectedEndException.class)
        .hasMessageContaining("31 of 41 bytes");
  }

  @Test
  void anEndWithinThePrefixIsUnexpected() {
    Reading reading = reading(DEFAULT);
    source.feed((byte) 0, (byte) 0).end();
    assertThatThrownBy(reading::next)
        .isInstanceOf(UnexpectedEndException.class)
        .hasMessageContaining("2 bytes");
  }

  @Test
  void itSaysWhatItIs() {
    assertThat(DEFAULT.withBytes(2).withLittleEndian().withIncludingItself().withAdjustment(1))
        .hasToString("lengthPrefixed(1000, 2 bytes LITTLE_ENDIAN, including itself, adjustment 1)");
    assertThat(DEFAULT.withVarint().withBytesBefore(1))
        .hasToString("lengthPrefixed(1000, varint, after 1 bytes)");
    assertThatThrownBy(() -> DEFAULT.withVarint().withIncludingItself())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> DEFAULT.withIncludingItself().withVarint())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> DEFAULT.withBytesBefore(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
