package dev.reveille.samples.resp.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.samples.resp.protocol.ProtocolException;
import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.protocol.RequestLimits;
import dev.reveille.samples.resp.protocol.RequestParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The replies are, byte for byte, those that Redis 7.0.15 gave when it was asked the same. */
class RedisTranscriptTest {
  private final TestServer server = new TestServer();

  @TestFactory
  List<DynamicTest> everyReplyIsTheOneThatRedisGave() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Transcript.Step step : steps()) {
      tests.add(
          DynamicTest.dynamicTest(
              step.toString(), () -> assertThat(reply(step)).isEqualTo(step.expected())));
    }
    return tests;
  }

  @Test
  void everyCommandOfTheTableIsAskedFor() throws Exception {
    List<String> asked = new ArrayList<>();
    for (Transcript.Step step : steps()) {
      asked.add(step.isRaw() ? "" : step.request().name());
    }
    List<String> known = new ArrayList<>();
    for (Command command : server.executor.commands().commands()) {
      // These answer with what no two servers have in common, or are not run here.
      if (command.isExecutable() && !List.of("info", "quit").contains(command.name())) {
        known.add(command.name());
      }
    }
    assertThat(asked).containsAll(known);
  }

  private String reply(Transcript.Step step) throws Exception {
    ReplyBuffer out = new ReplyBuffer();
    if (!step.isRaw()) {
      server.executor.execute(server.session, step.request(), out);
      return Transcript.escape(TestServer.drain(out));
    }
    RequestParser parser = new RequestParser(RequestLimits.DEFAULTS);
    ByteBuffer in = ByteBuffer.wrap(step.raw());
    try {
      Request request = parser.next(in);
      while (request != null
          && server.executor.execute(server.session, request, out) != Outcome.CLOSE) {
        request = parser.next(in);
      }
    } catch (ProtocolException malformed) {
      out.error(malformed.reply());
    }
    return Transcript.escape(TestServer.drain(out));
  }

  private static List<Transcript.Step> steps() throws IOException {
    try (InputStream in = RedisTranscriptTest.class.getResourceAsStream("redis-7.0.15.txt")) {
      if (in == null) {
        throw new IOException("the transcript is missing");
      }
      return Transcript.parse(
          new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }
}
