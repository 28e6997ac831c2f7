package dev.reveille.samples.quickstart;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import dev.reveille.io.framing.FrameReader;
import dev.reveille.io.framing.Framing;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kotlin.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the snippets of the README do. */
class SnippetsTest {

  @Test
  void theCountdownCounts() {
    List<Integer> shown = new ArrayList<>();
    Countdown.run(shown::add);
    assertThat(shown).containsExactly(3, 2, 1);
  }

  @Test
  void theFileIsRead(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("greeting"), "hello");
    ByteBuffer buffer = ByteBuffer.allocate(16);
    assertThat(ReadFile.readInto(buffer, file)).isEqualTo(5);
    assertThat(new String(buffer.array(), 0, 5, US_ASCII)).isEqualTo("hello");
  }

  @Test
  void theNumbersAreSquared() throws Exception {
    try (var loop = new BasicDispatcher()) {
      assertThat(Squares.squares(loop, List.of(1, 2, 3, 4, 5, 6)))
          .containsExactly(1, 4, 9, 16, 25, 36);
    }
  }

  @Test
  void theCoroutineGreets() {
    assertThat(GreetingKt.greet(cx -> Poll.ready("loop"))).isEqualTo("Hello, loop");
  }

  @Test
  void callbackTaskAndCoroutineShareOneLoop() {
    List<String> said = new ArrayList<>();
    MockTime time = new MockTime().autoAdvance();
    try (var loop = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
      OneLoopKt.oneLoop(
          loop,
          line -> {
            said.add(line);
            return Unit.INSTANCE;
          });
    }
    assertThat(said)
        .containsExactly(
            "10 ms: a callback", "20 ms: a poll task", "30 ms: a coroutine, on the loop");
  }

  @Test
  void linesComeBackInCapitals() throws Exception {
    try (var loop = new SelectorDispatcher()) {
      TcpListener listener =
          loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      JoinHandle<TcpStream> accepted = loop.spawn(listener.accept());
      TcpStream client = loop.runUntil(loop.connect(listener.localAddress())).value();
      JoinHandle<Complete> session = loop.spawn(new Shout(loop.runUntil(accepted.join()).value()));

      loop.runUntil(client.write(UTF_8.encode("hello\r\nwor")));
      loop.runUntil(client.write(UTF_8.encode("ld\nbye")));
      client.shutdownOutput();
      var answers = new FrameReader(client, ByteBuffer.allocate(16), Framing.lines(100));
      assertThat(loop.runUntil(answers.texts().toList()).value())
          .containsExactly("HELLO", "WORLD", "BYE");
      assertThat(loop.runUntil(session.join()).isReady()).isTrue();
      client.close();
    }
  }
}
