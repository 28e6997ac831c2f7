package dev.reveille.callbacks.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CancelMode;
import dev.reveille.contract.Rig;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One request, one response, from the client's side. */
class GrpcUnaryTest {
  private final GrpcRig rig = new GrpcRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static void answer(String text, StreamObserver<String> responses) {
    responses.onNext(text);
    responses.onCompleted();
  }

  @Test
  void theResponseIsTheResult() throws Exception {
    rig.unary((request, responses) -> answer("hello " + request, responses));
    GrpcRig.Stub stub = rig.stub();
    String response = rig.await(GrpcCalls.unary("greet", o -> stub.unary("world", o)));
    assertThat(response).isEqualTo("hello world");
  }

  @Test
  void theCallBeginsInTheFirstPoll() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    rig.unary(
        (request, responses) -> {
          calls.incrementAndGet();
          answer(request, responses);
        });
    GrpcRig.Stub stub = rig.direct();
    Pollable<String> call = GrpcCalls.unary("lazy", o -> stub.unary("once", o));
    assertThat(calls).hasValue(0);
    rig.await(call);
    assertThat(calls).hasValue(1);
  }

  @Test
  void anotherStatusThanOkIsAFailure() {
    rig.unary(
        (request, responses) ->
            responses.onError(Status.NOT_FOUND.withDescription(request).asRuntimeException()));
    GrpcRig.Stub stub = rig.stub();
    assertThatThrownBy(() -> rig.await(GrpcCalls.<String>unary("find", o -> stub.unary("it", o))))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("NOT_FOUND: it");
  }

  /** The response has come by then. */
  @Test
  void aResponseCountsOnlyWithTheStatusOk() {
    rig.unary(
        (request, responses) -> {
          responses.onNext("half");
          responses.onError(Status.DATA_LOSS.asRuntimeException());
        });
    GrpcRig.Stub stub = rig.stub();
    assertThatThrownBy(() -> rig.await(GrpcCalls.<String>unary("half", o -> stub.unary("", o))))
        .hasMessage("DATA_LOSS");
  }

  @Test
  void okWithoutAResponseIsAFailure() {
    rig.serverStreaming((request, responses) -> responses.onCompleted());
    GrpcRig.Stub stub = rig.stub();
    assertThatThrownBy(
            () -> rig.await(GrpcCalls.<String>unary("nothing", o -> stub.unaryOfMany("", o))))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("INTERNAL: No value received for unary call");
  }

  @Test
  void aCancelledByTheServerIsAFailureLikeAnyOther() {
    rig.unary((request, responses) -> responses.onError(Status.CANCELLED.asRuntimeException()));
    GrpcRig.Stub stub = rig.stub();
    assertThatThrownBy(() -> rig.await(GrpcCalls.<String>unary("refused", o -> stub.unary("", o))))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("CANCELLED");
  }

  @Test
  void theDeadlineOfTheStubHolds() {
    CountDownLatch cancelled = new CountDownLatch(1);
    rig.unary(
        (request, responses) ->
            ((ServerCallStreamObserver<String>) responses)
                .setOnCancelHandler(cancelled::countDown));
    GrpcRig.Stub stub = rig.stub().withDeadlineAfterMillis(20);
    assertThatThrownBy(() -> rig.await(GrpcCalls.<String>unary("slow", o -> stub.unary("", o))))
        .hasMessageStartingWith("DEADLINE_EXCEEDED");
  }

  @Test
  void cancelReachesTheServerAndNobodyFails() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    rig.unary(
        (request, responses) -> {
          ((ServerCallStreamObserver<String>) responses).setOnCancelHandler(cancelled::countDown);
          called.countDown();
        });
    GrpcRig.Stub stub = rig.stub();
    JoinHandle<String> task =
        rig.dispatcher().spawn("given up", GrpcCalls.unary("for ever", o -> stub.unary("", o)));
    Rig.await(called);
    task.cancel();
    Rig.await(cancelled);
    assertThatThrownBy(() -> GrpcRig.await(task)).isInstanceOf(CancellationException.class);
  }

  /** The CANCELLED of a call that was given up is its last word. */
  @Test
  void theLastWordCanBeWaitedFor() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    rig.unary((request, responses) -> called.countDown());
    GrpcRig.Stub stub = rig.stub();
    JoinHandle<String> task =
        rig.dispatcher()
            .spawn(
                "given up",
                GrpcCalls.unary(
                    "for ever",
                    CallOptions.<String>defaults().withCancelMode(CancelMode.AWAIT_CALLBACK),
                    o -> stub.unary("", o)));
    Rig.await(called);
    task.cancel();
    assertThatThrownBy(() -> GrpcRig.await(task)).isInstanceOf(CancellationException.class);
    Rig.awaitState("the last word", () -> rig.dispatcher().snapshot().tasks().isEmpty());
  }

  @Test
  void whatTheMethodOfTheStubThrowsFailsTheCall() {
    assertThatThrownBy(
            () ->
                rig.await(
                    GrpcCalls.<String>unary(
                        "broken",
                        observer -> {
                          throw new IllegalArgumentException("no such stub");
                        })))
        .hasMessage("no such stub");
  }

  @Test
  void anObserverThatWasNotGivenToAStubIsTold() {
    assertThatThrownBy(() -> rig.await(GrpcCalls.<String>unary("nobody", observer -> {})))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'nobody' did not begin a call");
  }

  /** Everything happens within the first poll. */
  @Test
  void callbacksWithinTheCallAreFine() throws Exception {
    rig.unary((request, responses) -> answer(request, responses));
    GrpcRig.Stub stub = rig.direct();
    String response = rig.await(GrpcCalls.unary("at once", o -> stub.unary("echo", o)));
    assertThat(response).isEqualTo("echo");
  }
}
