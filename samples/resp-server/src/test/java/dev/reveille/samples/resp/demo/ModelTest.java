package dev.reveille.samples.resp.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.samples.resp.command.CommandExecutor;
import dev.reveille.samples.resp.command.ServerInfo;
import dev.reveille.samples.resp.command.Session;
import dev.reveille.samples.resp.command.Sessions;
import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.store.Keyspace;
import dev.reveille.samples.resp.store.KeyspaceListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two that know nothing of each other, the model and the executor, agree. */
class ModelTest {
  private final Keyspace keyspace = new Keyspace(() -> 1_000_000, KeyspaceListener.NONE);
  private final Sessions sessions = new Sessions(() -> 0);
  private final Session session = sessions.open("client", "server");
  private final CommandExecutor executor =
      new CommandExecutor(keyspace, sessions, new ServerInfo());

  @Test
  void theModelExpectsWhatTheExecutorReplies() throws Exception {
    for (int seed = 0; seed < 20; seed++) {
      Script script = new Script("seed" + seed + ":", seed);
      Model model = new Model();
      for (int i = 0; i < 1_000; i++) {
        List<String> words = script.next();
        assertThat(execute(words)).as("%s", words).isEqualTo(encoded(model.reply(words)));
      }
    }
  }

  @Test
  void cleaningUpLeavesNothing() throws Exception {
    Script script = new Script("p:", 1);
    for (int i = 0; i < 1_000; i++) {
      execute(script.next());
    }

    execute(script.cleanUp());

    assertThat(keyspace.size()).isZero();
  }

  private String execute(List<String> words) throws IOException {
    ReplyBuffer out = new ReplyBuffer();
    Request request = Request.of(words.get(0), Replies.arguments(words));
    executor.execute(session, request, out);
    return drain(out);
  }

  private static String encoded(@Nullable Object reply) throws IOException {
    ReplyBuffer out = new ReplyBuffer();
    encode(reply, out);
    return drain(out);
  }

  private static void encode(@Nullable Object reply, ReplyBuffer out) {
    if (reply == null) {
      out.nullBulk();
    } else if (reply instanceof Model.Failure failure) {
      out.error(failure.message());
    } else if (reply instanceof Long number) {
      out.integer(number);
    } else if (reply instanceof List<?> list) {
      out.array(list.size());
      list.forEach(element -> encode(element, out));
    } else {
      out.bulk(reply.toString());
    }
  }

  /** Simple strings as bulks, as the model does not tell them apart, and null arrays as bulks. */
  private static String drain(ReplyBuffer out) throws IOException {
    StringBuilder text = new StringBuilder();
    out.drainTo(
        (sources, offset, length) -> {
          long taken = 0;
          for (int i = offset; i < offset + length; i++) {
            taken += sources[i].remaining();
            text.append(StandardCharsets.UTF_8.decode(sources[i]));
          }
          return taken;
        });
    return text.toString()
        .replaceFirst("^\\+(PONG|OK|none|list|string)\r\n$", "bulk $1")
        .replaceFirst("^\\$[0-9]\r\n(PONG|OK|none|list|string)\r\n$", "bulk $1")
        .replaceFirst("^\\*-1", "\\$-1");
  }
}
