package dev.reveille.samples.compat.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.StopSource;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.callback.CancelMode;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import dev.reveille.samples.compat.Heard;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import okhttp3.Call;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Giving up a call cancels it, and what OkHttp says or brings afterwards is dealt with. */
final class GivenUpTest {
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
    web.close(); // says if a connection was not given back
    assertThat(CallbackDiagnostics.of(loop).misuses("response")).isZero();
    rig.close();
  }

  @Test
  void givingUpCancelsTheCallAndItsFailureIsLateAndNoMisuse() throws Exception {
    Call call = web.call("/held/a");
    Ended<Response> response = Ended.begun(loop, Calls.response(call));
    web.awaitHeld();

    response.cancel();

    assertThat(call.isCanceled()).isTrue();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    Rig.awaitState("OkHttp has said 'Canceled'", () -> heard.count("late") == 1);
    assertThat(heard.words()).containsExactly("response CANCELLED", "response late");
  }

  @Test
  void aCallThatOthersCancelFails() throws Exception {
    Call call = web.call("/held/a");
    Ended<Response> response = Ended.begun(loop, Calls.response(call));
    web.awaitHeld();

    web.client.dispatcher().cancelAll();

    assertThat(response.failure()).isInstanceOf(IOException.class);
    assertThat(heard.words()).containsExactly("response FAILED");
  }

  @Test
  void aResponseThatWasOnItsWayWhenTheCallWasGivenUpIsClosed() throws Exception {
    AtomicReference<Held> held = new AtomicReference<>();
    Ended<Response> response = Ended.begun(loop, heldResponse(web.call("/a"), Calls.CLOSING, held));
    held.get().awaitCalled();
    response.cancel();
    Response late = held.get().response();
    assertThat(late.body().source().isOpen()).isTrue();

    held.get().release();

    loop.runUntilStalled();
    assertThat(late.body().source().isOpen()).isFalse();
    assertThat(heard.words()).containsExactly("response CANCELLED", "response late");
  }

  /** A bridged call whose callback the test holds back. */
  private static Pollable<Response> heldResponse(
      Call call, CallOptions<Response> options, AtomicReference<Held> held) {
    return Callbacks.callWithHandle(
        "response",
        options,
        c -> {
          held.set(new Held(Calls.callback(c)));
          call.enqueue(held.get());
          return call;
        },
        Call::cancel);
  }

  @Test
  void aResponseThatComesToABridgeWithoutACancelIsClosedAndItsConnectionUsedAgain()
      throws Exception {
    Call call = web.call("/held/a");
    Ended<Response> response =
        Ended.begun(
            loop,
            Callbacks.<Response>call(
                "response", Calls.CLOSING, c -> call.enqueue(Calls.callback(c))));
    web.awaitHeld();
    response.cancel();
    assertThat(call.isCanceled()).isFalse();

    web.release();

    awaitOnTheLoop("the late response is closed", () -> heard.count("late") == 1 && web.isAtRest());
    assertThat(web.client.connectionPool().idleConnectionCount()).isEqualTo(1);
    assertThat(loop.runUntil(Calls.text(web.call("/b"))).value()).isEqualTo("/b");
    assertThat(web.client.connectionPool().connectionCount()).isEqualTo(1);
  }

  @Test
  void aResponseThatIsThereAndNotYetPolledForIsClosedToo() throws Exception {
    AtomicReference<Held> held = new AtomicReference<>();
    Ended<Response> response = Ended.begun(loop, heldResponse(web.call("/a"), Calls.CLOSING, held));
    held.get().awaitCalled();
    held.get().release();
    Response unseen = held.get().response();
    assertThat(unseen.body().source().isOpen()).isTrue();

    loop.close(); // before it has polled for it

    assertThat(response.isDone()).isTrue();
    assertThat(unseen.body().source().isOpen()).isFalse();
  }

  @Test
  void aCallThatIsStillQueuedIsGivenUpAtOnce() throws Exception {
    List<Ended<Response>> running = new ArrayList<>();
    for (int i = 0; i < web.client.dispatcher().getMaxRequestsPerHost(); i++) {
      running.add(Ended.begun(loop, Calls.response(web.call("/held/" + i))));
    }
    Call queued = web.call("/queued");
    Ended<Response> response = Ended.begun(loop, Calls.response(queued));
    assertThat(web.client.dispatcher().queuedCallsCount()).isEqualTo(1);

    response.cancel();

    assertThat(response.isDone()).as("long before OkHttp looks at it").isTrue();
    assertThat(heard.words()).containsExactly("response CANCELLED");
    web.release();
    for (Ended<Response> each : running) {
      each.value().close();
    }
    Rig.awaitState("OkHttp has looked at it", () -> heard.count("late") == 1);
  }

  @Test
  void aCallThatTakesTooLongOnTheClockOfTheLoopIsCancelled() throws Exception {
    Call call = web.call("/held/a");
    Ended<Response> response =
        Ended.begun(loop, Calls.response(call, Calls.CLOSING.withTimeout(Duration.ofSeconds(10))));
    web.awaitHeld();

    rig.advance(Duration.ofSeconds(9));
    assertThat(call.isCanceled()).isFalse();
    rig.advance(Duration.ofSeconds(1));

    assertThat(call.isCanceled()).isTrue();
    assertThat(response.failure()).isInstanceOf(TimeoutException.class);
    Rig.awaitState("OkHttp has said 'Canceled'", () -> heard.count("late") == 1);
    assertThat(heard.words()).containsExactly("response TIMED_OUT", "response late");
  }

  @Test
  void whoAwaitsTheCallbackGoesOnWhenOkHttpHasSaidItsLastWord() throws Exception {
    AtomicReference<Held> held = new AtomicReference<>();
    Call call = web.call("/held/a");
    Pollable<Response> awaiting =
        heldResponse(call, Calls.CLOSING.withCancelMode(CancelMode.AWAIT_CALLBACK), held);
    StopSource stop = new StopSource();
    Ended<Response> response = Ended.begunUnder(loop, stop.token(), awaiting);
    web.awaitHeld();

    stop.stop();
    loop.runUntilStalled();
    assertThat(call.isCanceled()).isTrue();
    held.get().awaitCalled();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(response.isDone()).isFalse();

    held.get().release();
    assertThat(response.failure()).isInstanceOf(CancellationException.class);
    assertThat(heard.words()).containsExactly("response CANCELLED");
  }

  private void awaitOnTheLoop(String what, BooleanSupplier state) {
    Rig.awaitState(
        what,
        () -> {
          loop.runUntilStalled();
          return state.getAsBoolean();
        });
  }
}
