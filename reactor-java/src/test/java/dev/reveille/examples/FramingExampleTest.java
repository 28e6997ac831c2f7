package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.io.ScriptedSink;
import dev.reveille.io.ScriptedSource;
import dev.reveille.io.framing.FrameReader;
import dev.reveille.io.framing.FrameWriter;
import dev.reveille.io.framing.Framing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FramingExampleTest {
  /** A line protocol that answers each request with its length. */
  private static final class Lines {
    private final FrameReader requests;
    private final FrameWriter writer;
    private final Queue<ByteBuffer> answers = new ArrayDeque<>();

    Lines(FrameReader requests, FrameWriter writer) {
      this.requests = requests;
      this.writer = writer;
    }

    private void handle(ByteBuffer request) {
      answers.add(ByteBuffer.wrap(Integer.toString(request.remaining()).getBytes(US_ASCII)));
    }

    Poll<Complete> serve(Context cx) throws IOException {
      for (; ; ) {
        Poll<@Nullable ByteBuffer> poll = requests.pollFrame(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        ByteBuffer request = poll.value();
        if (request == null) {
          return Poll.ready(); // the peer has sent its last request
        }
        handle(request);
      }
    }

    Poll<Complete> answer(Context cx) throws IOException {
      while (!answers.isEmpty()) {
        if (writer.pollWrite(cx, answers.element()).isPending()) {
          return Poll.pending(); // the next poll goes on with the same one
        }
        answers.remove();
      }
      return writer.pollFlush(cx); // now all of them leave
    }
  }

  @Test
  void requestsAreLinesAndSoAreTheAnswers() throws Exception {
    ScriptedSource source = new ScriptedSource().feed("hello\r\n\nGET ").feed("x\n").end();
    ScriptedSink sink = new ScriptedSink().allow(100);
    Framing framing = Framing.lines(8192);
    Lines lines =
        new Lines(
            new FrameReader(source, ByteBuffer.allocate(1024), framing),
            new FrameWriter(sink, ByteBuffer.allocate(1024), framing));
    try (var dispatcher = new BasicDispatcher()) {
      assertThat(dispatcher.runUntil(lines::serve).isReady()).isTrue();
      assertThat(dispatcher.runUntil(lines::answer).isReady()).isTrue();
    }
    assertThat(sink.text()).isEqualTo("5\n0\n5\n");
    assertThat(sink.writes).isEqualTo(1);
  }

  @Test
  void framings() throws Exception {
    int contentLength = 3;
    Framing lines = Framing.lines(8192);
    Framing parts = Framing.delimited(65_536, "--next--".getBytes(US_ASCII));
    Framing messages = Framing.lengthPrefixed(1 << 20).withBytes(2).withLittleEndian();
    Framing body = Framing.exactly(contentLength);

    Framing postgres = Framing.lengthPrefixed(1 << 20).withIncludingItself().withBytesBefore(1);
    Framing protobuf = Framing.lengthPrefixed(1 << 20).withVarint();

    ScriptedSource source = new ScriptedSource();
    source.feed("a line\na part--next--\3\0abcxyzQ\0\0\0\5!\3abc").end();
    FrameReader reader = new FrameReader(source, ByteBuffer.allocate(1024), lines);
    try (var dispatcher = new BasicDispatcher()) {
      StringBuilder read = new StringBuilder();
      for (Framing framing : new Framing[] {lines, parts, messages, body, postgres, protobuf}) {
        reader.use(framing);
        read.append(dispatcher.runUntil(reader.text()).value()).append('|');
      }
      assertThat(read).hasToString("a line|a part|abc|xyz|Q\0\0\0\5!|abc|");
      assertThat(dispatcher.runUntil(reader.text()).value()).isNull();
    }
  }
}
