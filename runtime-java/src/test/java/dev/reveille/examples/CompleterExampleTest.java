package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CompleterExampleTest {
  private static final class Session implements AutoCloseable {
    boolean closed;

    @Override
    public void close() {
      closed = true;
    }
  }

  /** A callback API, as they are. */
  private static final class Client {
    BiConsumer<@Nullable Session, @Nullable IOException> callback = (session, error) -> {};
    boolean aborted;

    final class Request {
      void abort() {
        aborted = true;
      }
    }

    Request connect(BiConsumer<@Nullable Session, @Nullable IOException> onConnect) {
      callback = onConnect;
      return new Request();
    }
  }

  private static Pollable<Session> connect(Client client) {
    return Completer.pollable(
        "connect",
        CallOptions.<Session>defaults().closeLateValues(), // a session that comes too late
        completer -> {
          Client.Request request =
              client.connect( // calls back on a thread of its own
                  (session, error) -> {
                    if (error == null) {
                      completer.complete(session);
                    } else {
                      completer.fail(error);
                    }
                  });
          completer.onCancel(request::abort); // when the one who waits gives up
        });
  }

  @Test
  void aCallbackMakesAPollableReady() {
    Client client = new Client();
    Session session = new Session();
    try (var dispatcher = new BasicDispatcher()) {
      JoinHandle<Session> handle = dispatcher.spawn(connect(client));
      dispatcher.runUntilStalled();
      client.callback.accept(session, null);
      dispatcher.runToCompletion();
      assertThat(handle.toCompletableFuture()).isCompletedWithValue(session);
    }
    assertThat(client.aborted).isFalse();
    assertThat(session.closed).isFalse();
  }

  @Test
  void anErrorCallbackIsThrown() {
    Client client = new Client();
    try (var dispatcher = new BasicDispatcher()) {
      CompletableFuture<Session> future = dispatcher.spawn(connect(client)).toCompletableFuture();
      dispatcher.runUntilStalled();
      client.callback.accept(null, new IOException("refused"));
      dispatcher.runToCompletion();
      assertThatThrownBy(future::join)
          .hasCauseInstanceOf(IOException.class)
          .hasRootCauseMessage("refused");
    }
  }

  @Test
  void oneWhoGivesUpAbortsTheRequestAndASessionThatComesLateIsClosed() {
    Client client = new Client();
    Session session = new Session();
    try (var dispatcher = new BasicDispatcher()) {
      JoinHandle<Session> handle = dispatcher.spawn(connect(client));
      dispatcher.runUntilStalled();
      handle.cancel();
      dispatcher.runToCompletion();
      assertThat(client.aborted).isTrue();

      client.callback.accept(session, null);
      dispatcher.runToCompletion();
      assertThat(session.closed).isTrue();
    }
  }
}
