package dev.reveille.samples.compat.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Heard;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that are answered, and calls that fail: later, within {@code enqueue}, or thrown by it. */
final class CallTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Heard heard = Heard.on(loop);
  private Web web;

  @BeforeEach
  void open() throws Exception {
    web = new Web();
  }

  @AfterEach
  void close() throws Exception {
    web.close();
    rig.close();
  }

  @Test
  void aCallIsReadyWithItsResponseAndWhoGotItClosesIt() throws Exception {
    try (Response response = loop.runUntil(Calls.response(web.call("/a"))).value()) {
      assertThat(response.code()).isEqualTo(200);
      assertThat(web.isAtRest()).as("its connection is in use").isFalse();
      assertThat(response.body().string()).isEqualTo("/a");
    }
    Rig.awaitState("its connection is given back", web::isAtRest);
    assertThat(loop.runUntil(Calls.text(web.call("/b"))).value()).isEqualTo("/b");
    assertThat(web.client.connectionPool().connectionCount()).as("used again").isEqualTo(1);
  }

  @Test
  void aServerThatIsNotThereFailsTheCall() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    Request request =
        new Request.Builder()
            .url("http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port)
            .build();

    assertThatThrownBy(() -> loop.runUntil(Calls.response(web.client.newCall(request))))
        .isInstanceOf(ConnectException.class);
    assertThat(heard.words()).containsExactly("response FAILED");
  }

  @Test
  void aClientThatIsShutDownFailsTheCallBeforeEnqueueReturns() {
    web.client.dispatcher().executorService().shutdown();

    assertThatThrownBy(() -> loop.runUntil(Calls.response(web.call("/a"))))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessageContaining("rejected");
    assertThat(heard.words()).containsExactly("response reentrant", "response FAILED");
  }

  @Test
  void aCallThatWasEnqueuedBeforeIsRefusedByAThrow() throws Exception {
    Call call = web.call("/a");
    loop.runUntil(Calls.response(call)).value().close();

    assertThatThrownBy(() -> loop.runUntil(Calls.response(call)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Already Executed");
    assertThat(loop.runUntil(Calls.text(call.clone())).value()).isEqualTo("/a");
    assertThat(heard.words()).endsWith("response FAILED", "text COMPLETED");
  }
}
