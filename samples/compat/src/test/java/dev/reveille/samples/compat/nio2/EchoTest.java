package dev.reveille.samples.compat.nio2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Join;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers and clients whose every step is a bridged call. */
final class EchoTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private Sockets sockets;

  @BeforeEach
  void open() throws Exception {
    sockets = new Sockets();
  }

  @AfterEach
  void close() throws Exception {
    sockets.close();
    rig.close();
  }

  @Test
  void whatIsSentComesBack() throws Exception {
    AsynchronousServerSocketChannel server = sockets.listening();
    loop.post(new AcceptTask(server, 1));

    assertThat(loop.runUntil(echoOf("hello", server.getLocalAddress())).value()).isEqualTo("hello");
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aHundredConnectionsShareOneLoop() throws Exception {
    AsynchronousServerSocketChannel server = sockets.listening();
    loop.post(new AcceptTask(server, 100));
    List<String> sent = new ArrayList<>();
    List<Pollable<String>> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String text = ("connection " + i + ' ').repeat(i + 1);
      sent.add(text);
      clients.add(echoOf(text, server.getLocalAddress()));
    }

    assertThat(loop.runUntil(Join.all(clients)).value()).isEqualTo(sent);
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aTaskTalksToAServerThatIsStillMadeOfHandlers() throws Exception {
    AsynchronousServerSocketChannel server = sockets.listening();
    LegacyEcho.serve(server);

    String text = "as before ".repeat(100);
    assertThat(loop.runUntil(echoOf(text, server.getLocalAddress())).value()).isEqualTo(text);
  }

  private Pollable<String> echoOf(String text, SocketAddress server) throws Exception {
    AsynchronousSocketChannel channel = sockets.open();
    ByteBuffer out = ByteBuffer.wrap(text.getBytes(UTF_8));
    ByteBuffer in = ByteBuffer.allocate(out.remaining());
    Pollable<ByteBuffer> exchange =
        Pollables.then(
            Nio2.connect(channel, server),
            connected ->
                Join.both( // both directions at once: neither side's buffers hold it all
                    Nio2.writeAll(channel, out),
                    Nio2.readAll(channel, in),
                    (written, read) -> read));
    return Pollables.map(
        exchange,
        read -> {
          channel.close();
          return UTF_8.decode(read.flip()).toString();
        });
  }
}
