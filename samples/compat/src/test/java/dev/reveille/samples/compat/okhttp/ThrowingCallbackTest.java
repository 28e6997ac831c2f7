package dev.reveille.samples.compat.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.Completer;
import dev.reveille.callback.LostCallbackException;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import dev.reveille.samples.compat.Heard;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.logging.Logger;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What {@code onResponse} throws goes through the thread of the call to its uncaught handler, and
 * {@code onFailure} is not called any more: who waits only hears what was said before.
 */
final class ThrowingCallbackTest {
  private static final IllegalStateException FAILURE = new IllegalStateException("of a callback");

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
  void anOldCallbackThatThrowsHurtsItsThreadAndNoCallOfATask() throws Exception {
    Ended<String> waiting = Ended.begun(loop, Calls.text(web.call("/held/a")));
    web.awaitHeld();

    web.call("/old")
        .enqueue(
            new OnResponse(
                response -> {
                  response.close();
                  throw FAILURE;
                }));
    Rig.awaitState("it went through its thread", () -> !web.uncaught().isEmpty());

    assertThat(loop.runUntil(Calls.text(web.call("/b"))).value()).isEqualTo("/b");
    web.release();
    assertThat(waiting.value()).isEqualTo("/held/a");
    assertThat(web.uncaught()).containsExactly(FAILURE);
    assertThat(heard.words()).containsExactly("text COMPLETED", "text COMPLETED");
  }

  @Test
  void aCallbackThatCompletesAndThenThrowsHasCompleted() throws Exception {
    assertThat(
            loop.runUntil(
                    Callbacks.<Integer>call(
                        "status",
                        c ->
                            web.call("/a")
                                .enqueue(
                                    new OnResponse(
                                        response -> {
                                          response.close();
                                          c.complete(response.code());
                                          throw FAILURE;
                                        }))))
                .value())
        .isEqualTo(200);
    Rig.awaitState("it went through its thread", () -> !web.uncaught().isEmpty());
    assertThat(web.uncaught()).containsExactly(FAILURE);
  }

  @Test
  void aCallbackThatThrowsBeforeItCompletesLosesTheCallWhichFailsByName() throws Exception {
    Logger log = Logger.getLogger("dev.reveille.callback");
    log.setFilter(record -> false); // the report is expected
    try {
      Ended<Integer> status =
          Ended.begun(
              loop,
              Callbacks.<Integer>call(
                  "status", c -> web.call("/a").enqueue(new OnResponse(forgetful(c)))));
      Rig.awaitState("it went through its thread", () -> !web.uncaught().isEmpty());
      web.client.dispatcher().executorService().shutdown(); // its threads hold their last calls

      Rig.collectGarbageUntil(() -> heard.count("LOST") == 1);

      assertThat(status.failure())
          .isInstanceOf(LostCallbackException.class)
          .hasMessageContaining("'status'");
    } finally {
      log.setFilter(null);
    }
  }

  private static Consumer<Response> forgetful(Completer<Integer> completer) {
    return response -> {
      response.close();
      if (response.isSuccessful()) {
        throw FAILURE;
      }
      completer.complete(response.code());
    };
  }

  @Test
  void whatATaskThrowsOfAResponseDoesNotReachTheThreadOfTheCall() throws Exception {
    Ended<Object> task =
        Ended.begun(
            loop,
            Pollables.map(
                Calls.response(web.call("/a")),
                response -> {
                  response.close();
                  throw FAILURE;
                }));

    assertThat(task.failure()).isSameAs(FAILURE);
    Rig.awaitState("the call has ended", web::isAtRest);
    assertThat(web.uncaught()).isEmpty();
  }

  /** A callback of old code. */
  private record OnResponse(Consumer<Response> action) implements Callback {
    @Override
    public void onResponse(Call call, Response response) {
      action.accept(response);
    }

    @Override
    public void onFailure(Call call, IOException failure) {
      throw new AssertionError("not expected", failure);
    }
  }
}
