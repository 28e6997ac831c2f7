package dev.reveille.samples.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.io.ByteStream;
import dev.reveille.io.framing.FrameReader;
import dev.reveille.io.framing.FrameWriter;
import dev.reveille.io.framing.Framing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

// readme: shout
/** One client of a server: each line comes back in capitals. Over TCP, TLS or a Unix socket. */
final class Shout extends Task {
  private final ByteStream client;
  private final FrameReader lines;
  private final FrameWriter answers;
  private @Nullable ByteBuffer answer;

  Shout(ByteStream client) {
    super("shout");
    this.client = client;
    lines = new FrameReader(client, ByteBuffer.allocateDirect(1024), Framing.lines(4096));
    answers = new FrameWriter(client, ByteBuffer.allocateDirect(1024), Framing.lines(4096));
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws IOException {
    for (; ; ) {
      if (answer != null) {
        if (answers.pollWrite(cx, answer).isPending()) {
          return Poll.pending(); // the client does not read: its lines stay where they are
        }
        answer = null;
      }
      Poll<@Nullable String> line = lines.pollText(cx);
      if (line.isPending()) {
        answers.pollFlush(cx); // whether it is done or waits: so do we
        return Poll.pending();
      }
      if (line.value() == null) {
        return answers.pollFlush(cx); // that was the last one
      }
      answer = UTF_8.encode(line.value().toUpperCase(Locale.ROOT));
    }
  }

  @Override
  protected void cleanup() {
    lines.close();
    answers.close();
    client.close();
  }
}
// readme: end
