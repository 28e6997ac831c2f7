package dev.reveille.samples.compat.jdkhttp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.Delivery;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import dev.reveille.sync.PollStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Response;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The JDK's web socket, with demand, against that of OkHttp. */
final class WebSocketTest {
  private static final int MESSAGES = 1_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final MockWebServer server = new MockWebServer();
  private final CountDownLatch serverSawTheEnd = new CountDownLatch(1);
  private final Messages messages = new Messages();
  private Site site; // for its client

  @BeforeEach
  void open() throws Exception {
    site = new Site();
    server.start(InetAddress.getLoopbackAddress(), 0);
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    site.close();
    rig.close();
  }

  private WebSocket connect(WebSocketListener peer) throws Exception {
    return connect(messages, peer);
  }

  private WebSocket connect(WebSocket.Listener listener, WebSocketListener peer) throws Exception {
    server.enqueue(new MockResponse.Builder().webSocketUpgrade(peer).build());
    URI address = URI.create(server.url("/").toString().replace("http:", "ws:"));
    return loop.runUntil(
            Callbacks.fromStage(site.client.newWebSocketBuilder().buildAsync(address, listener)))
        .value();
  }

  @Test
  void messagesComeInOrderAndNoMoreThanWereAskedFor() throws Exception {
    WebSocket socket =
        connect(
            new Peer() {
              @Override
              public void onOpen(okhttp3.WebSocket peer, Response response) {
                for (int i = 0; i < MESSAGES; i++) {
                  peer.send("message " + i);
                }
                peer.close(1000, "that was all");
              }
            });

    List<String> all = loop.runUntil(messages.of(socket).toList()).value();

    assertThat(all)
        .containsExactlyElementsOf(
            IntStream.range(0, MESSAGES).mapToObj(i -> "message " + i).toList());
  }

  @Test
  void aMessageInSeveralPartsIsOneElement() throws Exception {
    String large = "0123456789".repeat(20_000);
    WebSocket socket = connect(new Echo());
    PollStream<String> echoes = messages.of(socket);
    loop.runUntil(Callbacks.fromStage(socket.sendText(large, true)));

    assertThat(loop.runUntil(echoes.next()).value()).isEqualTo(large);
    assertThat(messages.parts()).isGreaterThan(1);
    loop.post(echoes::cancel);
    loop.runUntilStalled();
  }

  @Test
  void bytesAreReadFromTheBuffersOfTheSocketWhichThenGetsThemBack() throws Exception {
    Frames frames = new Frames();
    WebSocket socket =
        connect(
            frames,
            new Peer() {
              @Override
              public void onOpen(okhttp3.WebSocket peer, Response response) {
                for (int i = 0; i < MESSAGES; i++) {
                  peer.send(ByteString.encodeUtf8("frame " + i + ";"));
                }
                peer.close(1000, "that was all");
              }
            });
    ByteArrayOutputStream read = new ByteArrayOutputStream();

    loop.runUntil(
        frames
            .of(socket)
            .forEach(
                frame -> {
                  while (frame.value().hasRemaining()) {
                    read.write(frame.value().get());
                  }
                  frame.acknowledge();
                  socket.request(1);
                }));

    assertThat(read.toString(UTF_8))
        .isEqualTo(
            IntStream.range(0, MESSAGES)
                .mapToObj(i -> "frame " + i + ";")
                .collect(Collectors.joining()));
    assertThat(frames.stages())
        .hasSizeGreaterThanOrEqualTo(MESSAGES)
        .allSatisfy(stage -> assertThat(stage.toCompletableFuture()).isCompleted());
  }

  @Test
  void buffersThatAreNotTakenAreRefusedWhenTheStreamIsGivenUp() throws Exception {
    Frames frames = new Frames();
    WebSocket socket =
        connect(
            frames,
            new Peer() {
              @Override
              public void onOpen(okhttp3.WebSocket peer, Response response) {
                for (int i = 0; i < MESSAGES; i++) {
                  peer.send(ByteString.encodeUtf8("frame " + i));
                }
              }
            });
    PollStream<Delivery<ByteBuffer>> stream = frames.of(socket);
    loop.runUntil(stream.next()).value().acknowledge();
    Rig.awaitState(
        "as many as were asked for have come", () -> frames.stages().size() == Frames.WINDOW);

    loop.post(stream::cancel);
    loop.runUntilStalled();

    assertThat(frames.stages().get(0).toCompletableFuture()).isCompleted();
    assertThat(frames.stages().subList(1, Frames.WINDOW))
        .allSatisfy(stage -> assertThat(stage.toCompletableFuture()).isCompletedExceptionally());
  }

  @Test
  void whatIsSentInTurnComesBackInTurnAndTheCloseIsTheEnd() throws Exception {
    WebSocket socket = connect(new Echo());
    PollStream<String> echoes = messages.of(socket);
    for (int i = 0; i < 20; i++) {
      loop.runUntil(Callbacks.fromStage(socket.sendText("echo " + i, true)));
      assertThat(loop.runUntil(echoes.next()).value()).isEqualTo("echo " + i);
    }
    loop.runUntil(Callbacks.fromStage(socket.sendClose(WebSocket.NORMAL_CLOSURE, "done")));

    assertThat(loop.runUntil(echoes.next()).value()).isNull();
    assertThatThrownBy(() -> loop.runUntil(Callbacks.fromStage(socket.sendText("late", true))))
        .isInstanceOf(IOException.class);
  }

  @Test
  void givingUpAbortsTheSocket() throws Exception {
    WebSocket socket = connect(new Echo());
    Ended<List<String>> all = Ended.begun(loop, messages.of(socket).toList());

    all.cancel();

    Rig.await(serverSawTheEnd);
    assertThat(socket.isInputClosed()).isTrue();
  }

  private class Peer extends WebSocketListener {
    @Override
    public void onClosing(okhttp3.WebSocket peer, int code, String reason) {
      peer.close(code, null);
    }

    @Override
    public void onClosed(okhttp3.WebSocket peer, int code, String reason) {
      serverSawTheEnd.countDown();
    }

    @Override
    public void onFailure(okhttp3.WebSocket peer, Throwable failure, Response response) {
      serverSawTheEnd.countDown();
    }
  }

  private final class Echo extends Peer {
    @Override
    public void onMessage(okhttp3.WebSocket peer, String text) {
      peer.send(text);
    }
  }
}
