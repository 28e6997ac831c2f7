package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.HandleInitiator;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CallsExampleTest {

  private static final class Request {
    boolean aborted;

    void abort() {
      aborted = true;
    }
  }

  /** A callback API, as they are. */
  private static final class Client {
    Consumer<String> callback = body -> {};
    Request request = new Request();

    Request get(String path, Consumer<String> onBody, Consumer<Throwable> onFailure) {
      callback = onBody;
      request = new Request();
      return request;
    }
  }

  private final Client client = new Client();

  @Test
  void aCallWithAHandle() {
    Pollable<String> body =
        Callbacks.callWithHandle(
            "get",
            completer -> client.get("/", completer::complete, completer::fail),
            Request::abort);
    try (BasicDispatcher loop = new BasicDispatcher()) {
      JoinHandle<String> handle = loop.spawn(body);
      loop.runUntilStalled();
      handle.cancel();
      loop.runUntilStalled();
    }
    assertThat(client.request.aborted).isTrue();
  }

  @Test
  void anInitiatorWithAHandle() throws Exception {
    HandleInitiator<String, Request> get =
        completer -> client.get("/", completer::complete, completer::fail);
    Pollable<String> body = Callbacks.callWithHandle("get", get, Request::abort);
    try (BasicDispatcher loop = new BasicDispatcher()) {
      JoinHandle<String> handle = loop.spawn(body);
      loop.runUntilStalled();
      client.callback.accept("body");
      assertThat(loop.runUntil(handle.join()).value()).isEqualTo("body");
    }
    assertThat(client.request.aborted).isFalse();
  }

  @Test
  void aRead(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "reveille");
    // A FileChannel takes the position too; a socket does not, and reads like the example.
    try (AsynchronousFileChannel opened = AsynchronousFileChannel.open(file);
        BasicDispatcher loop = new BasicDispatcher()) {
      SocketLike channel =
          (buffer, attachment, handler) -> opened.read(buffer, 0, attachment, handler);
      ByteBuffer buffer = ByteBuffer.allocate(100);
      Pollable<Integer> read =
          Callbacks.call(
              "read", completer -> channel.read(buffer, null, Callbacks.handler(completer)));
      assertThat(loop.runUntil(read).value()).isEqualTo(8);
    }
  }

  private interface SocketLike {
    void read(ByteBuffer buffer, Object attachment, CompletionHandler<Integer, Object> handler);
  }
}
