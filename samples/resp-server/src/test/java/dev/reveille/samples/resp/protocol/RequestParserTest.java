package dev.reveille.samples.resp.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Error texts and inline commands are also compared with Redis' own, in RedisTranscriptTest. */
class RequestParserTest {
  private static final RequestLimits SMALL = new RequestLimits(64, 4, 100, 150);

  private final RequestParser parser = new RequestParser(RequestLimits.DEFAULTS);

  @Test
  void anArrayOfBulksIsARequest() throws Exception {
    Request request = parser.next(bytes("*2\r\n$4\r\nECHO\r\n$5\r\na\r\nb\n\r\n"));

    assertThat(request).hasToString("\"ECHO\" \"a\\r\\nb\\n\"");
    assertThat(request.name()).isEqualTo("echo");
  }

  @Test
  void pipelinedRequestsAreTakenOneByOneAndTheRestIsLeftInTheBuffer() throws Exception {
    ByteBuffer in = bytes("*1\r\n$4\r\nPING\r\nGET a\r\n*1\r\n$4\r\nQU");

    assertThat(parser.next(in)).hasToString("\"PING\"");
    assertThat(in.position()).isEqualTo(14);
    assertThat(parser.next(in)).hasToString("\"GET\" \"a\"");
    assertThat(parser.next(in)).isNull();
    assertThat(in.hasRemaining()).isFalse();
    assertThat(parser.next(bytes("IT\r\n"))).hasToString("\"QUIT\"");
  }

  @Test
  void anyFragmentationGivesWhatOnePieceGives() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      byte[] stream = new Streams(random).next();

      List<String> whole = parse(stream, stream.length, random);

      assertThat(parse(stream, 1, random)).as("seed %d, byte by byte", seed).isEqualTo(whole);
      assertThat(parse(stream, 7, random)).as("seed %d, small pieces", seed).isEqualTo(whole);
      assertThat(parse(stream, 500, random)).as("seed %d, pieces", seed).isEqualTo(whole);
    }
  }

  @Test
  void whatIsEncodedIsParsedToTheSame() throws Exception {
    Random random = new Random(1);
    for (int round = 0; round < 100; round++) {
      byte[][] arguments = new byte[1 + random.nextInt(5)][];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = new byte[random.nextInt(3) * random.nextInt(200)];
        random.nextBytes(arguments[i]);
      }
      Request request = Request.of(arguments);

      assertThat(parser.next(request.encode())).hasToString(request.toString());
    }
  }

  @Test
  void anAnnouncedLengthReservesNoMemory() throws Exception {
    assertThat(parser.next(bytes("*1000000\r\n$536870912\r\nabc"))).isNull();

    assertThat(parser.heldBytes()).isEqualTo(3);
  }

  @Test
  void nothingIsHeldAfterARequest() throws Exception {
    parser.next(bytes("*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n"));
    assertThat(parser.heldBytes()).isZero();

    parser.next(bytes("ECHO "));
    assertThat(parser.heldBytes()).isEqualTo(5);
    parser.next(bytes("x\r\n"));
    assertThat(parser.heldBytes()).isZero();
  }

  @Test
  void aBulkThatArrivesInPiecesIsPutTogether() throws Exception {
    String value = "0123456789".repeat(10_000);
    assertThat(parser.next(bytes("*1\r\n$100000\r\n"))).isNull();
    for (int i = 0; i < 100; i++) {
      assertThat(parser.next(bytes(value.substring(1000 * i, 1000 * (i + 1))))).isNull();
    }

    Request request = parser.next(bytes("\r\n"));

    assertThat(request).isNotNull();
    assertThat(request.text(0)).isEqualTo(value);
  }

  @Test
  void limitsAreInclusive() throws Exception {
    RequestParser small = new RequestParser(SMALL);
    String bulk50 = "$50\r\n" + "x".repeat(50) + "\r\n";
    String bulk100 = "$100\r\n" + "x".repeat(100) + "\r\n";

    assertThat(small.next(bytes("x".repeat(64) + "\n"))).isNotNull();
    assertThat(small.next(bytes("*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n"))).isNotNull();
    assertThat(small.next(bytes("*2\r\n" + bulk50 + bulk100))).isNotNull();
  }

  @Test
  void whatGoesOverALimitIsRefusedAsRedisDoes() {
    assertThat(error("x".repeat(65))).isEqualTo("too big inline request");
    assertThat(error("*" + "1".repeat(64))).isEqualTo("too big mbulk count string");
    assertThat(error("*1\r\n$" + "1".repeat(64))).isEqualTo("too big bulk count string");
    assertThat(error("*5\r\n")).isEqualTo("invalid multibulk length");
    assertThat(error("*1\r\n$101\r\n")).isEqualTo("invalid bulk length");
  }

  @Test
  void theBulkThatMakesARequestTooLargeIsRefusedBeforeItsBytesCome() {
    String bulk = "$90\r\n" + "x".repeat(90) + "\r\n";

    assertThat(error("*2\r\n" + bulk + "$61\r\n")).isEqualTo("invalid bulk length");
  }

  @Test
  void theReplyToAMalformedFrameBeginsWithErr() {
    assertThatThrownBy(() -> parser.next(bytes("*1\r\n:1\r\n")))
        .isInstanceOfSatisfying(
            ProtocolException.class,
            malformed ->
                assertThat(malformed.reply())
                    .isEqualTo("ERR Protocol error: expected '$', got ':'"));
  }

  private static String error(String stream) {
    RequestParser small = new RequestParser(SMALL);
    try {
      small.next(bytes(stream));
      return fail("accepted: " + stream);
    } catch (ProtocolException malformed) {
      return malformed.reply().substring("ERR Protocol error: ".length());
    }
  }

  /** Everything that comes out of the stream: requests, and the error at its end, if any. */
  private static List<String> parse(byte[] stream, int largestPiece, Random random) {
    RequestParser parser = new RequestParser(SMALL);
    List<String> out = new ArrayList<>();
    int position = 0;
    while (position < stream.length) {
      int piece = largestPiece == stream.length ? largestPiece : 1 + random.nextInt(largestPiece);
      ByteBuffer in =
          ByteBuffer.wrap(stream, position, Math.min(piece, stream.length - position)).slice();
      position += in.remaining();
      try {
        Request request = parser.next(in);
        while (request != null) {
          out.add(request.toString());
          request = parser.next(in);
        }
      } catch (ProtocolException malformed) {
        out.add(malformed.reply());
        return out;
      }
    }
    out.add("held " + parser.heldBytes());
    return out;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Streams of good requests, in which now and then a byte is wrong or the end is missing. */
  private static final class Streams {
    private final Random random;
    private final StringBuilder out = new StringBuilder();

    Streams(Random random) {
      this.random = random;
    }

    byte[] next() {
      for (int requests = random.nextInt(20); requests >= 0; requests--) {
        switch (random.nextInt(6)) {
          case 0 ->
              out.append("SET \"a\\x41 b\" 'c d'").append(random.nextBoolean() ? "\r\n" : "\n");
          case 1 -> out.append(random.nextBoolean() ? "\r\n" : "*0\r\n");
          default -> array();
        }
      }
      byte[] stream = out.toString().getBytes(StandardCharsets.ISO_8859_1);
      if (random.nextInt(3) == 0) {
        stream[random.nextInt(stream.length)] = (byte) random.nextInt(256);
      }
      return random.nextInt(3) == 0
          ? Arrays.copyOf(stream, 1 + random.nextInt(stream.length))
          : stream;
    }

    private void array() {
      int size = 1 + random.nextInt(4);
      out.append('*').append(size).append("\r\n");
      for (int i = 0; i < size; i++) {
        int length = random.nextInt(38);
        out.append('$').append(length).append("\r\n");
        random.ints(length, 0, 256).forEach(c -> out.append((char) c));
        out.append("\r\n");
      }
    }
  }
}
