package dev.reveille.io.framing;

import static dev.reveille.io.framing.Reading.END;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ScriptedSource;
import dev.reveille.io.buffer.BufferPool;
import dev.reveille.io.buffer.BufferPoolOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random streams, cut at random, against references that are too simple to be wrong: {@code
 * String.indexOf} on the whole text.
 */
final class FrameRandomTest {
  private static final int ROUNDS = 150;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final BufferPool pool = new BufferPool(loop, BufferPoolOptions.of(8, 1));

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static String text(Random random, int length, String alphabet) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  private static void feedInPieces(Random random, ScriptedSource source, String text) {
    int largest = 1 + random.nextInt(40);
    for (int at = 0; at < text.length(); ) {
      int n = Math.min(text.length() - at, 1 + random.nextInt(largest));
      source.feed(text.substring(at, at + n));
      at += n;
    }
  }

  private Reading reading(Random random, ScriptedSource source, Framing framing) {
    ByteBuffer buffer =
        random.nextBoolean()
            ? ByteBuffer.allocate(1 + random.nextInt(64))
            : ByteBuffer.allocateDirect(1 + random.nextInt(64));
    return new Reading(
        loop,
        random.nextInt(3) == 0
            ? new FrameReader(source, pool, framing)
            : new FrameReader(source, buffer, framing));
  }

  /** Reads to the end; a frame that is too long is noted as such. */
  private static List<String> read(Reading reading) throws Exception {
    List<String> frames = new ArrayList<>();
    int pending = 0;
    while (pending < 100) {
      try {
        String frame = reading.next();
        if (frame.equals(END)) {
          break;
        }
        if (frame.equals(Reading.PENDING)) {
          pending++;
        } else {
          frames.add(frame);
        }
      } catch (TooLongFrameException e) {
        frames.add("(too long)");
      } catch (UnexpectedEndException e) {
        frames.add("(cut)");
        break;
      }
    }
    reading.reader.close();
    return frames;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void lines(long seed) throws Exception {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      int max = 1 + random.nextInt(30);
      String text =
          text(random, random.nextInt(200), random.nextBoolean() ? "ab\r\n" : "abcdefgh\n");
      List<String> expected = new ArrayList<>();
      for (int at = 0; at < text.length(); ) {
        int lf = text.indexOf('\n', at);
        String line = text.substring(at, lf < 0 ? text.length() : lf);
        at += line.length() + 1;
        line = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        expected.add(line.length() > max ? "(too long)" : line);
      }
      ScriptedSource source = new ScriptedSource();
      feedInPieces(random, source, text);
      source.end();
      Reading reading = reading(random, source, Framing.lines(max));
      reading.reader.skipTooLong(true);
      assertThat(read(reading)).as("seed %d, round %d", seed, round).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void delimited(long seed) throws Exception {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      int max = random.nextInt(40);
      String delimiter = text(random, 1 + random.nextInt(6), "ab");
      String text = text(random, random.nextInt(300), "aabc");
      List<String> expected = new ArrayList<>();
      int at = 0;
      for (int i = text.indexOf(delimiter, at); i >= 0; i = text.indexOf(delimiter, at)) {
        expected.add(i - at > max ? "(too long)" : text.substring(at, i));
        at = i + delimiter.length();
      }
      ScriptedSource source = new ScriptedSource();
      feedInPieces(random, source, text);
      source.end();
      Framing framing = Framing.delimited(max, delimiter.getBytes(ISO_8859_1));
      Reading reading = reading(random, source, framing);
      reading.reader.skipTooLong(true);
      List<String> frames = read(reading);
      assertThat(frames.subList(0, Math.min(frames.size(), expected.size())))
          .as("seed %d, round %d: '%s' in '%s'", seed, round, delimiter, text)
          .isEqualTo(expected);
      List<String> rest = frames.subList(expected.size(), frames.size());
      if (at == text.length()) {
        assertThat(rest).isEmpty();
      } else {
        assertThat(rest).endsWith("(cut)");
        assertThat(rest).isSubsetOf("(too long)", "(cut)");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void lengthPrefixed(long seed) throws Exception {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      LengthPrefix framing = Framing.lengthPrefixed(300);
      int kind = random.nextInt(6);
      framing =
          kind == 5 ? framing.withVarint() : framing.withBytes(new int[] {2, 3, 4, 8, 2}[kind]);
      framing = random.nextBoolean() ? framing.withLittleEndian() : framing;
      framing = kind < 5 && random.nextBoolean() ? framing.withIncludingItself() : framing;
      StringBuilder bytes = new StringBuilder();
      List<String> expected = new ArrayList<>();
      for (int i = random.nextInt(20); i > 0; i--) {
        String frame = text(random, random.nextInt(random.nextBoolean() ? 10 : 300), "xyz\n\0");
        ByteBuffer header = ByteBuffer.allocate(16);
        framing.putHeader(header, frame.length());
        assertThat(header.position()).isEqualTo(framing.headerLength(frame.length()));
        bytes.append(Reading.latin1(header.flip())).append(frame);
        expected.add(frame);
      }
      ScriptedSource source = new ScriptedSource();
      feedInPieces(random, source, bytes.toString());
      source.end();
      assertThat(read(reading(random, source, framing)))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(expected);
    }
  }
}
