package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A server that takes the checksum of what each connection sends. */
class TcpServerExampleTest {
  static final class Acceptor extends Task {
    private final TcpListener listener;

    Acceptor(TcpListener listener) {
      super("acceptor");
      this.listener = listener;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      for (; ; ) {
        Poll<TcpStream> stream = listener.pollAccept(cx);
        if (stream.isPending()) {
          return Poll.pending();
        }
        cx.dispatcher().post(new Session(stream.value())); // a task of its own
      }
    }

    @Override
    protected void cleanup() {
      listener.close();
    }
  }

  /** Stops the loop at its end, so that the server ends too. */
  private static final class Session extends Task {
    private final TcpStream stream;
    private final ByteBuffer buffer = ByteBuffer.allocate(4);
    private final CRC32 checksum = new CRC32();
    private @Nullable Dispatcher dispatcher;

    Session(TcpStream stream) {
      super("session");
      this.stream = stream;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      dispatcher = cx.dispatcher();
      return readToTheEnd(cx);
    }

    private Poll<Complete> readToTheEnd(Context cx) throws IOException {
      while (stream.pollReadable(cx).isReady()) {
        if (stream.tryRead(buffer) < 0) {
          return Poll.ready(); // the peer has sent its last byte
        }
        checksum.update(buffer.flip()); // perhaps of nothing: ready is a hint
        buffer.clear();
      }
      return Poll.pending();
    }

    @Override
    protected void cleanup() throws IOException {
      stream.tryWrite(ByteBuffer.allocate(8).putLong(checksum.getValue()).flip());
      stream.close();
      dispatcher.stop();
    }
  }

  private static void serve(CompletableFuture<SocketAddress> bound) throws IOException {
    try (var dispatcher = new SelectorDispatcher()) {
      TcpListener listener = dispatcher.listen(new InetSocketAddress("localhost", 0));
      bound.complete(listener.localAddress()); // with the port that the system chose
      dispatcher.post(new Acceptor(listener)); // a task: see TcpListener
      dispatcher.run();
    }
  }

  @Test
  void eachConnectionIsATaskOfItsOwn() throws Exception {
    byte[] message = "hello, checksum".getBytes(US_ASCII);
    CRC32 expected = new CRC32();
    expected.update(message);
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      CompletableFuture<SocketAddress> bound = new CompletableFuture<>();
      FutureTask<Boolean> server =
          rig.start(
              "server",
              () -> {
                serve(bound);
                return true;
              });
      SocketAddress address = bound.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      try (Socket client = new Socket()) {
        client.connect(address);
        client.getOutputStream().write(message);
        client.shutdownOutput();
        DataInputStream in = new DataInputStream(client.getInputStream());
        assertThat(in.readLong()).isEqualTo(expected.getValue());
        assertThat(in.read()).isEqualTo(-1);
      }
      assertThat(Rig.await(server)).isTrue();
      try (Socket late = new Socket()) {
        assertThatThrownBy(() -> late.connect(address)).isInstanceOf(IOException.class);
      }
    }
  }
}
