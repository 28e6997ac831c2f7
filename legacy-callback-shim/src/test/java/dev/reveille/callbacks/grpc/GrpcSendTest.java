package dev.reveille.callbacks.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.contract.Rig;
import dev.reveille.sync.AbstractPollStream;
import dev.reveille.sync.PollStream;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many requests, from the client's side. */
class GrpcSendTest {
  private final GrpcRig rig = new GrpcRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Numbers, and what became of them. */
  private static final class Numbers extends AbstractPollStream<String> {
    final CountDownLatch released = new CountDownLatch(1);
    private final int to;
    private final @Nullable Exception failure;
    volatile int given;

    Numbers(int to, @Nullable Exception failure) {
      super("numbers");
      this.to = to;
      this.failure = failure;
    }

    @Override
    protected Poll<@Nullable String> doPollNext(Context cx) throws Exception {
      if (given < to) {
        return element(String.valueOf(++given));
      }
      if (failure != null) {
        throw failure;
      }
      return end();
    }

    @Override
    protected void release() {
      released.countDown();
    }
  }

  private static Numbers numbers(int to) {
    return new Numbers(to, null);
  }

  /** Answers with the sum of what it was sent. */
  private static StreamObserver<String> sum(StreamObserver<String> responses) {
    return new StreamObserver<>() {
      private long sum;

      @Override
      public void onNext(String request) {
        sum += Long.parseLong(request);
      }

      @Override
      public void onError(Throwable cause) {}

      @Override
      public void onCompleted() {
        responses.onNext(String.valueOf(sum));
        responses.onCompleted();
      }
    };
  }

  /** Takes what it is asked to take, and tells what it heard. */
  private static final class Taker implements StreamObserver<String> {
    final ServerCallStreamObserver<String> call;
    final List<String> taken = new ArrayList<>();
    final CountDownLatch gone = new CountDownLatch(1);

    Taker(StreamObserver<String> responses) {
      call = (ServerCallStreamObserver<String>) responses;
      call.disableAutoRequest();
      call.setOnCancelHandler(gone::countDown);
    }

    @Override
    public synchronized void onNext(String request) {
      taken.add(request);
    }

    synchronized int taken() {
      return taken.size();
    }

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {
      call.onCompleted();
    }
  }

  @Test
  void allRequestsAreSentAndTheResponseIsTheResult() throws Exception {
    rig.clientStreaming(GrpcSendTest::sum);
    GrpcRig.Stub stub = rig.stub();
    Numbers numbers = numbers(1000);
    String sum = rig.await(GrpcCalls.clientStreaming("sum", stub::clientStreaming, numbers));
    assertThat(sum).isEqualTo("500500");
    Rig.await(numbers.released);
  }

  @Test
  void requestsAreTakenFromTheirStreamOnlyAsTheServerTakesThem() throws Exception {
    AtomicReference<Taker> server = new AtomicReference<>();
    rig.clientStreaming(
        responses -> {
          server.set(new Taker(responses));
          return server.get();
        });
    GrpcRig.Stub stub = rig.direct();
    Numbers numbers = numbers(1_000_000);
    JoinHandle<String> task =
        rig.dispatcher()
            .spawn("slow", GrpcCalls.clientStreaming("slow", stub::clientStreaming, numbers));
    Rig.awaitState("the call has begun", () -> server.get() != null);
    rig.settle();
    assertThat(numbers.given).isZero();
    server.get().call.request(3);
    Rig.awaitState("three are taken", () -> server.get().taken() == 3);
    rig.settle();
    assertThat(numbers.given).isEqualTo(3);
    task.cancel();
    Rig.await(server.get().gone);
    Rig.await(numbers.released);
  }

  @Test
  void aResponseBeforeTheLastRequestCancelsTheRest() throws Exception {
    rig.clientStreaming(
        responses -> {
          responses.onNext("enough");
          responses.onCompleted();
          return new Taker(responses);
        });
    GrpcRig.Stub stub = rig.stub();
    Numbers numbers = numbers(Integer.MAX_VALUE);
    String response = rig.await(GrpcCalls.clientStreaming("early", stub::clientStreaming, numbers));
    assertThat(response).isEqualTo("enough");
    Rig.await(numbers.released);
  }

  @Test
  void requestsThatFailCancelTheCall() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    rig.clientStreaming(
        responses -> {
          ((ServerCallStreamObserver<String>) responses).setOnCancelHandler(gone::countDown);
          return sum(responses);
        });
    GrpcRig.Stub stub = rig.stub();
    Numbers numbers = new Numbers(3, new IllegalStateException("no more numbers"));
    assertThatThrownBy(
            () -> rig.await(GrpcCalls.clientStreaming("broken", stub::clientStreaming, numbers)))
        .hasMessage("no more numbers");
    Rig.await(gone);
  }

  @Test
  void aFailureOfTheCallCancelsTheRequests() throws Exception {
    rig.clientStreaming(
        responses -> {
          responses.onError(Status.UNAUTHENTICATED.asRuntimeException());
          return new Taker(responses);
        });
    GrpcRig.Stub stub = rig.stub();
    Numbers numbers = numbers(Integer.MAX_VALUE);
    assertThatThrownBy(
            () -> rig.await(GrpcCalls.clientStreaming("no", stub::clientStreaming, numbers)))
        .hasMessage("UNAUTHENTICATED");
    Rig.await(numbers.released);
  }

  @Test
  void aCallThatWasNeverPolledReleasesItsRequests() throws Exception {
    Numbers one = numbers(1);
    Numbers other = numbers(1);
    Pollable<String> call = GrpcCalls.clientStreaming("never", o -> o, one);
    PollStream<String> stream = GrpcCalls.bidi("never", o -> o, other);
    rig.dispatcher().post(call::cancel);
    rig.dispatcher().post(stream::cancel);
    Rig.await(one.released);
    Rig.await(other.released);
  }

  private static StreamObserver<String> echo(StreamObserver<String> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String request) {
        responses.onNext(request);
      }

      @Override
      public void onError(Throwable cause) {}

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }

  @Test
  void bothDirectionsGoOnTogether() throws Exception {
    rig.bidi(GrpcSendTest::echo);
    GrpcRig.Stub stub = rig.stub();
    List<String> replies = rig.await(GrpcCalls.bidi("echo", stub::bidi, numbers(5000)).toList());
    assertThat(replies)
        .isEqualTo(IntStream.rangeClosed(1, 5000).mapToObj(String::valueOf).toList());
  }

  @Test
  void ofABidirectionalCallFailingRequestsCancelTheCall() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    rig.bidi(
        responses -> {
          ((ServerCallStreamObserver<String>) responses).setOnCancelHandler(gone::countDown);
          return echo(responses);
        });
    GrpcRig.Stub stub = rig.stub();
    Numbers numbers = new Numbers(3, new IllegalStateException("no more numbers"));
    assertThatThrownBy(() -> rig.await(GrpcCalls.bidi("broken", stub::bidi, numbers).toList()))
        .hasMessage("no more numbers");
    Rig.await(gone);
  }

  @Test
  void takingAFewRepliesCancelsBothDirections() throws Exception {
    rig.bidi(GrpcSendTest::echo);
    GrpcRig.Stub stub = rig.stub();
    Numbers numbers = numbers(Integer.MAX_VALUE);
    assertThat(rig.await(GrpcCalls.bidi("few", stub::bidi, numbers).take(2).toList()))
        .containsExactly("1", "2");
    Rig.await(numbers.released);
  }

  @Test
  void anOpenCallIsLedMessageByMessage() throws Exception {
    rig.bidi(GrpcSendTest::echo);
    GrpcRig.Stub stub = rig.stub();
    GrpcCall<String, String> call = GrpcCalls.open("chat", stub::bidi);
    for (int i = 0; i < 100; i++) {
      String text = "message " + i;
      assertThat(rig.await(call.requests().send(text))).isEqualTo(true);
      assertThat(rig.await(call.responses().next())).isEqualTo(text);
    }
    rig.dispatcher().post(call.requests()::complete);
    assertThat(rig.await(call.responses().next())).isNull();
    assertThat(rig.await(call.requests().send("too late"))).isEqualTo(false);
  }

  @Test
  void sendingEndsWithTheCallAlsoWhileItWaitsForItsStream() throws Exception {
    AtomicReference<Taker> server = new AtomicReference<>();
    rig.bidi(
        responses -> {
          server.set(new Taker(responses));
          server.get().call.request(100);
          return server.get();
        });
    GrpcRig.Stub stub = rig.direct();
    GrpcCall<String, String> call = GrpcCalls.open("chat", stub::bidi);
    CountDownLatch released = new CountDownLatch(1);
    PollStream<String> silence =
        new AbstractPollStream<>("silence") {
          @Override
          protected Poll<@Nullable String> doPollNext(Context cx) {
            cx.waker("nothing");
            return Poll.pending();
          }

          @Override
          protected void release() {
            released.countDown();
          }
        };
    JoinHandle<Complete> sending =
        rig.dispatcher().spawn("sends", call.requests().sendAll(silence));
    rig.settle();
    assertThat(rig.dispatcher().snapshot().tasks().get(0).waitReason()).isEqualTo("nothing");
    server.get().call.onCompleted();
    GrpcRig.await(sending);
    Rig.await(released);
  }

  /** Each side waits for the other one to take something; what is asked for in advance helps. */
  @Test
  void aClientThatSendsFirstAndAServerThatAnswersWhenItIsReadyDoNotWaitForEachOther()
      throws Exception {
    rig.bidi(
        responses ->
            GrpcServer.<String, String>bidi(
                rig.dispatcher(), "echo", responses, requests -> requests));
    GrpcRig.Stub stub = rig.stub();
    GrpcCall<String, String> call = GrpcCalls.open("chat", stub::bidi);
    assertThat(rig.await(call.requests().send("first"))).isEqualTo(true);
    assertThat(rig.await(call.responses().next())).isEqualTo("first");
    rig.dispatcher().post(call.responses()::cancel);
  }

  /** The first readiness, and the one that comes back. */
  @Test
  void readinessIsPolledAndComesBack() throws Exception {
    AtomicReference<Taker> server = new AtomicReference<>();
    rig.bidi(
        responses -> {
          server.set(new Taker(responses));
          return server.get();
        });
    GrpcRig.Stub stub = rig.direct();
    GrpcCall<String, String> call = GrpcCalls.open("chat", stub::bidi);
    GrpcSink<String> sink = call.requests();
    JoinHandle<Boolean> ready = rig.dispatcher().spawn("ready", sink::pollReady);
    rig.settle();
    assertThat(ready.isDone()).isFalse();
    server.get().call.request(1);
    assertThat(GrpcRig.await(ready)).isEqualTo(true);
    List<Boolean> sent =
        rig.await(cx -> Poll.ready(List.of(sink.trySend("first"), sink.trySend("second"))));
    assertThat(sent).containsExactly(true, false);
    JoinHandle<Boolean> again = rig.dispatcher().spawn("again", sink::pollReady);
    rig.settle();
    assertThat(again.isDone()).isFalse();
    rig.dispatcher().post(call.responses()::cancel);
    assertThat(GrpcRig.await(again)).isEqualTo(false); // over
    Rig.await(server.get().gone);
  }

  @Test
  void anOpenCallThatWasNeverPolledIsCancelledAllTheSame() throws Exception {
    AtomicReference<Taker> server = new AtomicReference<>();
    rig.bidi(
        responses -> {
          server.set(new Taker(responses));
          return server.get();
        });
    GrpcRig.Stub stub = rig.direct();
    GrpcCall<String, String> call = GrpcCalls.open("dropped", stub::bidi);
    rig.dispatcher().post(call.responses()::cancel);
    Rig.awaitState("the call has begun", () -> server.get() != null);
    Rig.await(server.get().gone);
  }

  @Test
  void failingTheRequestsFailsTheResponses() {
    rig.bidi(GrpcSendTest::echo);
    GrpcRig.Stub stub = rig.stub();
    GrpcCall<String, String> call = GrpcCalls.open("chat", stub::bidi);
    Exception why = new IllegalStateException("lost interest");
    rig.dispatcher().post(() -> call.requests().fail(why));
    assertThatThrownBy(() -> rig.await(call.responses().next())).hasRootCause(why);
  }

  @Test
  void aMessageThatIsNullIsRefused() {
    rig.bidi(GrpcSendTest::echo);
    GrpcRig.Stub stub = rig.stub();
    GrpcCall<String, String> call = GrpcCalls.open("chat", stub::bidi);
    assertThatThrownBy(() -> call.requests().send(null)).isInstanceOf(NullPointerException.class);
    Pollable<Complete> cancelled =
        cx -> {
          call.responses().cancel();
          return Poll.ready();
        };
    rig.dispatcher().spawn("end", cancelled);
  }
}
