package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.Keyspace;
import dev.reveille.samples.resp.store.KeyspaceListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An executor with all that it needs, a clock in the test's hand, and no sockets. */
final class TestServer implements KeyspaceListener {
  /** What the clock shows; a round number, so that deadlines can be read in the tests. */
  long now = 1_000_000;

  final List<String> effects = new ArrayList<>();
  final List<String> grownLists = new ArrayList<>();
  final Keyspace keyspace = new Keyspace(() -> now, this);
  final Sessions sessions = new Sessions(() -> now);
  final ServerInfo info = new ServerInfo();
  final CommandExecutor executor = new CommandExecutor(keyspace, sessions, info);
  final Session session = sessions.open("127.0.0.1:50000", "127.0.0.1:6379");

  @Override
  public void changed(Request effect) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < effect.size(); i++) {
      words.add(effect.text(i));
    }
    effects.add(String.join(" ", words));
  }

  @Override
  public void listGrew(Key key) {
    grownLists.add(key.toString());
  }

  /** The reply to a request of words, without its last line break. */
  String reply(String words) {
    ReplyBuffer out = new ReplyBuffer();
    execute(words, out);
    return text(out);
  }

  Outcome execute(String words, ReplyBuffer out) {
    return executor.execute(session, request(words), out);
  }

  static Request request(String words) {
    String[] all = words.split(" ");
    return Request.of(all[0], List.of(all).subList(1, all.length).toArray(new String[0]));
  }

  static String text(ReplyBuffer out) {
    return new String(drain(out), StandardCharsets.ISO_8859_1).replaceFirst("\r\n$", "");
  }

  static byte[] drain(ReplyBuffer out) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      out.drainTo(
          (sources, offset, length) -> {
            long taken = 0;
            for (int i = offset; i < offset + length; i++) {
              ByteBuffer source = sources[i];
              byte[] part = new byte[source.remaining()];
              source.get(part);
              bytes.writeBytes(part);
              taken += part.length;
            }
            return taken;
          });
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return bytes.toByteArray();
  }
}
