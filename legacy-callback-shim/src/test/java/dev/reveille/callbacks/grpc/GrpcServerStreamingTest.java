package dev.reveille.callbacks.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.callback.LedgerSink;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One request, many responses, from the client's side. */
class GrpcServerStreamingTest {
  private final GrpcRig rig = new GrpcRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Sends numbers as long as the client is ready for them. */
  private static void count(int to, AtomicInteger sent, StreamObserver<String> responses) {
    var call = (ServerCallStreamObserver<String>) responses;
    call.setOnReadyHandler(
        () -> {
          while (call.isReady() && sent.get() < to) {
            call.onNext(String.valueOf(sent.incrementAndGet()));
            if (sent.get() == to) {
              call.onCompleted();
            }
          }
        });
  }

  private static List<String> numbers(int to) {
    return IntStream.rangeClosed(1, to).mapToObj(String::valueOf).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16, 100})
  void theResponsesComeInOrderAndThenTheEnd(int prefetch) throws Exception {
    AtomicInteger sent = new AtomicInteger();
    rig.serverStreaming((request, responses) -> count(1000, sent, responses));
    GrpcRig.Stub stub = rig.stub();
    PollStream<String> stream =
        GrpcCalls.serverStreaming("count", prefetch, o -> stub.serverStreaming("", o));
    assertThat(rig.await(stream.toList())).isEqualTo(numbers(1000));
  }

  /** With a direct executor a request brings its messages before it returns. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 16})
  void responsesWithinARequestForMoreAreFine(int prefetch) throws Exception {
    AtomicInteger sent = new AtomicInteger();
    rig.serverStreaming((request, responses) -> count(10_000, sent, responses));
    GrpcRig.Stub stub = rig.direct();
    PollStream<String> stream =
        GrpcCalls.serverStreaming("count", prefetch, o -> stub.serverStreaming("", o));
    assertThat(rig.await(stream.toList())).isEqualTo(numbers(10_000));
  }

  @Test
  void noMoreComesThanWasAskedFor() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    rig.serverStreaming((request, responses) -> count(1000, sent, responses));
    GrpcRig.Stub stub = rig.direct();
    PollStream<String> stream =
        GrpcCalls.serverStreaming("count", 1, o -> stub.serverStreaming("", o));
    List<Integer> sentAfter = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      assertThat(rig.await(stream.next())).isEqualTo(String.valueOf(i));
      rig.settle();
      sentAfter.add(sent.get());
    }
    assertThat(sentAfter)
        .containsExactly(2, 3, 4); // each time the one that is asked for in advance
    rig.dispatcher().post(stream::cancel);
    rig.settle();
    assertThat(sent).hasValue(4);
  }

  @Test
  void aStreamThatNobodyPollsDoesNotBeginTheCall() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    rig.serverStreaming(
        (request, responses) -> {
          calls.incrementAndGet();
          responses.onCompleted();
        });
    GrpcRig.Stub stub = rig.direct();
    PollStream<String> stream = GrpcCalls.serverStreaming("cold", o -> stub.serverStreaming("", o));
    PollStream<String> other = GrpcCalls.serverStreaming("never", o -> stub.serverStreaming("", o));
    rig.dispatcher().post(other::cancel);
    assertThat(calls).hasValue(0);
    assertThat(rig.await(stream.toList())).isEmpty();
    assertThat(calls).hasValue(1);
  }

  @Test
  void aFailureComesAfterTheResponsesBeforeIt() {
    rig.serverStreaming(
        (request, responses) -> {
          responses.onNext("a");
          responses.onNext("b");
          responses.onError(Status.ABORTED.withDescription("enough").asRuntimeException());
        });
    GrpcRig.Stub stub = rig.stub();
    List<String> seen = new ArrayList<>();
    Pollable<?> all =
        GrpcCalls.<String>serverStreaming("three", o -> stub.serverStreaming("", o))
            .forEach(seen::add);
    assertThatThrownBy(() -> rig.await(all))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("ABORTED: enough");
    assertThat(seen).containsExactly("a", "b");
  }

  @Test
  void takingAFewCancelsTheCall() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    CountDownLatch cancelled = new CountDownLatch(1);
    rig.serverStreaming(
        (request, responses) -> {
          ((ServerCallStreamObserver<String>) responses).setOnCancelHandler(cancelled::countDown);
          count(Integer.MAX_VALUE, sent, responses);
        });
    GrpcRig.Stub stub = rig.stub();
    List<String> few =
        rig.await(
            GrpcCalls.<String>serverStreaming("endless", o -> stub.serverStreaming("", o))
                .take(5)
                .toList());
    assertThat(few).isEqualTo(numbers(5));
    Rig.await(cancelled);
  }

  @Test
  void cancellingTheTaskCancelsTheCallAndNobodyFails() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    rig.serverStreaming(
        (request, responses) -> {
          ((ServerCallStreamObserver<String>) responses).setOnCancelHandler(cancelled::countDown);
          called.countDown();
        });
    GrpcRig.Stub stub = rig.stub();
    JoinHandle<List<String>> task =
        rig.dispatcher()
            .spawn(
                "waits",
                GrpcCalls.<String>serverStreaming("silence", o -> stub.serverStreaming("", o))
                    .toList());
    Rig.await(called);
    task.cancel();
    Rig.await(cancelled);
  }

  @Test
  void whatTheMethodOfTheStubThrowsFailsTheStream() {
    PollStream<String> stream =
        GrpcCalls.serverStreaming(
            "broken",
            o -> {
              throw new IllegalArgumentException("no such stub");
            });
    assertThatThrownBy(() -> rig.await(stream.toList())).hasMessage("no such stub");
  }

  /** By its name: what it brought, and how it ended. */
  @Test
  void theLedgerHearsOfTheCall() throws Exception {
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    CallbackDiagnostics.of(rig.dispatcher())
        .ledger(
            (dispatcher, name) -> {
              heard.add("begin " + name);
              return new LedgerSink.Entry() {
                @Override
                public void event() {
                  heard.add("event");
                }

                @Override
                public void ended(LedgerSink.End how, @Nullable Throwable failure) {
                  heard.add(how + (failure == null ? "" : " " + failure.getMessage()));
                }
              };
            });
    AtomicInteger sent = new AtomicInteger();
    rig.serverStreaming(
        (request, responses) -> {
          if (request.isEmpty()) {
            count(2, sent, responses);
          } else {
            responses.onError(Status.ABORTED.asRuntimeException());
          }
        });
    GrpcRig.Stub stub = rig.stub();
    PollStream<String> two = GrpcCalls.serverStreaming("two", o -> stub.serverStreaming("", o));
    rig.await(two.toList());
    PollStream<String> bad = GrpcCalls.serverStreaming("bad", o -> stub.serverStreaming("x", o));
    assertThatThrownBy(() -> rig.await(bad.toList())).hasMessage("ABORTED");
    sent.set(0);
    PollStream<String> one = GrpcCalls.serverStreaming("one", o -> stub.serverStreaming("", o));
    rig.await(one.first());
    assertThat(heard)
        .containsExactly(
            "begin two",
            "event",
            "event",
            "COMPLETED", //
            "begin bad",
            "FAILED ABORTED", //
            "begin one",
            "event",
            "CANCELLED");
  }

  @Test
  void aPrefetchOfNothingIsRefused() {
    assertThatThrownBy(() -> GrpcCalls.serverStreaming("none", 0, o -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("prefetch");
  }
}
