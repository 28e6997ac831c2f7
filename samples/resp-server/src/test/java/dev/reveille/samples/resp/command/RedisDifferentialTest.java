package dev.reveille.samples.resp.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Random commands get the same replies as from a real Redis, where one is given: {@code
 * -Dredis.port=PORT}, on this machine; it is emptied.
 */
@EnabledIfSystemProperty(named = "redis.port", matches = "\\d+")
class RedisDifferentialTest {
  @Test
  void randomCommandsAreAnsweredAlike() throws Exception {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), Integer.getInteger("redis.port"))) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int seed = 0; seed < 50; seed++) {
        TestServer server = new TestServer();
        ask(socket, in, "FLUSHALL");
        RandomCommands commands = new RandomCommands(new Random(seed));
        for (int i = 0; i < 400; i++) {
          // Milliseconds, and comparisons of deadlines, would end differently on both sides.
          String command = commands.next().replaceAll("^(.* )PX ", "$1EX ");
          command = command.replaceFirst("^PEXPIRE", "EXPIRE").replaceFirst(" (GT|LT)$", "");
          assertThat(server.reply(command))
              .as("seed %d, step %d: %s", seed, i, command)
              .isEqualTo(ask(socket, in, command));
        }
      }
    }
  }

  private static String ask(Socket socket, InputStream in, String command) throws Exception {
    socket.getOutputStream().write(TestServer.request(command).encode().array());
    byte[] reply = TranscriptRecorder.readReply(in);
    return new String(reply, StandardCharsets.ISO_8859_1).replaceFirst("\r\n$", "");
  }
}
