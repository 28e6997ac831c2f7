package dev.reveille.callbacks.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.sync.AbstractPollStream;
import dev.reveille.sync.PollStream;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that are answered by tasks. */
class GrpcServerTest {
  private final GrpcRig rig = new GrpcRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** A client by gRPC's own means: takes what it asks for, and tells how it ended. */
  private static final class Client implements ClientResponseObserver<String, String> {
    final List<String> taken = new ArrayList<>();
    final CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCallStreamObserver<String> call;

    @Override
    public void beforeStart(ClientCallStreamObserver<String> starting) {
      starting.disableAutoRequestWithInitial(0);
      call = starting;
    }

    @Override
    public synchronized void onNext(String response) {
      taken.add(response);
    }

    synchronized int taken() {
      return taken.size();
    }

    @Override
    public void onError(Throwable cause) {
      end.complete(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }

    Status end() throws Exception {
      return end.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Waits for ever, and tells that it was cancelled. */
  private static final class Sleeper implements Pollable<String> {
    final CountDownLatch polled = new CountDownLatch(1);
    final CountDownLatch cancelled = new CountDownLatch(1);

    @Override
    public Poll<String> poll(Context cx) {
      polled.countDown();
      return cx.park();
    }

    @Override
    public void cancel() {
      cancelled.countDown();
    }
  }

  private static final class Endless extends AbstractPollStream<String> {
    final CountDownLatch released = new CountDownLatch(1);
    volatile int given;

    Endless() {
      super("endless");
    }

    @Override
    protected Poll<@Nullable String> doPollNext(Context cx) {
      return element(String.valueOf(++given));
    }

    @Override
    protected void release() {
      released.countDown();
    }
  }

  private static PollStream<String> numbers(int to) {
    return PollStream.from(IntStream.rangeClosed(1, to).mapToObj(String::valueOf).toList());
  }

  private void unary(Pollable<String> answer) {
    rig.unary(
        (request, responses) -> GrpcServer.unary(rig.dispatcher(), "task", responses, answer));
  }

  private Client ask(GrpcRig.Stub stub) {
    Client client = new Client();
    stub.unary("", client);
    client.call.request(2);
    return client;
  }

  // ------------------------------------------------------------------ answers

  @Test
  void aTaskAnswers() throws Exception {
    unary(cx -> Poll.ready("on " + cx.dispatcher().name()));
    Client client = ask(rig.stub());
    assertThat(client.end()).isEqualTo(Status.OK);
    assertThat(client.taken).containsExactly("on loop");
  }

  @Test
  void allFourKindsWithTasksAtBothEnds() throws Exception {
    var loop = rig.dispatcher();
    rig.unary((rq, rs) -> GrpcServer.unary(loop, "unary", rs, cx -> Poll.ready("got " + rq)));
    rig.serverStreaming((rq, rs) -> GrpcServer.serverStreaming(loop, "many", rs, numbers(3000)));
    rig.clientStreaming(
        rs ->
            GrpcServer.<String, String>clientStreaming(
                loop,
                "sum",
                rs,
                all ->
                    Pollables.map(
                        all.fold(0L, (sum, t) -> sum + Long.parseLong(t)), String::valueOf)));
    rig.bidi(rs -> GrpcServer.<String, String>bidi(loop, "echo", rs, all -> all.map(t -> t + "!")));
    GrpcRig.Stub stub = rig.stub();
    String one = rig.await(GrpcCalls.unary("unary", o -> stub.unary("it", o)));
    assertThat(one).isEqualTo("got it");
    List<String> many =
        rig.await(
            GrpcCalls.<String>serverStreaming("many", o -> stub.serverStreaming("", o)).toList());
    assertThat(many).hasSize(3000).startsWith("1", "2").endsWith("3000");
    String sum = rig.await(GrpcCalls.clientStreaming("sum", stub::clientStreaming, numbers(3000)));
    assertThat(sum).isEqualTo("4501500");
    List<String> echo = rig.await(GrpcCalls.bidi("echo", stub::bidi, numbers(3000)).toList());
    assertThat(echo).hasSize(3000).startsWith("1!", "2!").endsWith("3000!");
  }

  @Test
  void responsesAreTakenFromTheirStreamOnlyAsTheClientTakesThem() throws Exception {
    Endless endless = new Endless();
    rig.serverStreaming(
        (request, responses) ->
            GrpcServer.serverStreaming(rig.dispatcher(), "endless", responses, endless));
    GrpcRig.Stub stub = rig.direct();
    Client client = new Client();
    stub.serverStreaming("", client);
    rig.settle();
    assertThat(endless.given).isZero();
    client.call.request(5);
    Rig.awaitState("five are taken", () -> client.taken() == 5);
    rig.settle();
    assertThat(endless.given).isEqualTo(5);
    client.call.cancel("enough", null);
    Rig.await(endless.released);
    assertThat(endless.given).isEqualTo(5);
  }

  @Test
  void requestsAreAskedForAsTheyAreTaken() throws Exception {
    Endless endless = new Endless();
    Sleeper sleeper = new Sleeper(); // takes none
    rig.clientStreaming(
        responses ->
            GrpcServer.<String, String>clientStreaming(
                rig.dispatcher(), "slow", responses, all -> sleeper));
    GrpcRig.Stub stub = rig.direct();
    var call =
        rig.dispatcher()
            .spawn("call", GrpcCalls.clientStreaming("call", stub::clientStreaming, endless));
    Rig.awaitState("some have come", () -> endless.given >= Inbound.PREFETCH);
    rig.settle();
    assertThat(endless.given).isEqualTo(Inbound.PREFETCH);
    call.cancel();
    Rig.await(endless.released);
  }

  // ------------------------------------------------------------------ other ends

  @Test
  void aStatusThatTheTaskThrowsIsTheStatus() throws Exception {
    unary(
        cx -> {
          throw new StatusException(Status.NOT_FOUND.withDescription("no such thing"));
        });
    Status end = ask(rig.stub()).end();
    assertThat(end.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(end.getDescription()).isEqualTo("no such thing");
    assertThat(rig.rig().takeUncaught()).isEmpty();
  }

  @Test
  void anyOtherFailureIsUnknownForThePeerAndToldAtHome() throws Exception {
    unary(
        cx -> {
          throw new IllegalStateException("a secret");
        });
    Status end = ask(rig.stub()).end();
    assertThat(end.getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(String.valueOf(end.getDescription())).doesNotContain("secret");
    rig.settle();
    assertThat(rig.rig().takeUncaught())
        .singleElement()
        .satisfies(
            told -> {
              assertThat(told.name()).isEqualTo("task");
              assertThat(told.failure()).hasMessage("a secret");
            });
  }

  @Test
  void theStatusOfACallThatItMadeIsNotItsOwn() throws Exception {
    StatusException within = new StatusException(Status.UNAUTHENTICATED.withDescription("secret"));
    unary(
        cx -> {
          throw new IllegalStateException("no prices", within);
        });
    Status end = ask(rig.stub()).end();
    assertThat(end.getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(String.valueOf(end.getDescription())).doesNotContain("secret");
    rig.settle();
    assertThat(rig.rig().takeUncaught()).hasSize(1);
  }

  @Test
  void aHandlerThatThrowsFailsTheCall() throws Exception {
    rig.bidi(
        responses ->
            GrpcServer.<String, String>bidi(
                rig.dispatcher(),
                "broken",
                responses,
                requests -> {
                  throw Status.PERMISSION_DENIED.asRuntimeException();
                }));
    GrpcRig.Stub stub = rig.stub();
    assertThatThrownBy(() -> rig.await(GrpcCalls.bidi("broken", stub::bidi, numbers(3)).toList()))
        .hasMessage("PERMISSION_DENIED");
  }

  @Test
  void aPeerThatGivesUpCancelsTheTask() throws Exception {
    Sleeper sleeper = new Sleeper();
    unary(sleeper);
    Client client = ask(rig.stub());
    Rig.await(sleeper.polled);
    client.call.cancel("never mind", null);
    Rig.await(sleeper.cancelled);
    rig.settle();
    assertThat(rig.dispatcher().snapshot().tasks()).isEmpty();
  }

  @Test
  void anAnswerThatWasNotPolledYetIsCancelledAllTheSame() throws Exception {
    Sleeper unary = new Sleeper();
    Endless many = new Endless();
    unary(unary);
    rig.serverStreaming(
        (request, responses) ->
            GrpcServer.serverStreaming(rig.dispatcher(), "endless", responses, many));
    GrpcRig.Stub stub = rig.direct();
    CountDownLatch busy = new CountDownLatch(1);
    Pollable<Complete> blocks =
        cx -> {
          Rig.await(busy);
          return Poll.ready();
        };
    rig.dispatcher().spawn("busy", blocks);
    Client one = ask(stub);
    Client other = new Client();
    stub.serverStreaming("", other);
    one.call.cancel("never mind", null);
    other.call.cancel("never mind", null);
    busy.countDown();
    Rig.await(unary.cancelled);
    Rig.await(many.released);
    assertThat(unary.polled.getCount()).isOne();
  }

  @Test
  void theDeadlineOfThePeerCancelsTheTask() throws Exception {
    Sleeper sleeper = new Sleeper();
    unary(sleeper);
    Client client = ask(rig.stub().withDeadlineAfterMillis(50));
    Rig.await(sleeper.cancelled);
    assertThat(client.end().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void aLoopThatIsClosedAnswersThatItIsUnavailable() throws Exception {
    Sleeper sleeper = new Sleeper();
    unary(sleeper);
    GrpcRig.Stub stub = rig.stub();
    Client before = ask(stub);
    Rig.await(sleeper.polled);
    rig.dispatcher().close();
    Rig.await(sleeper.cancelled);
    assertThat(before.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    Client after = ask(stub); // refused
    assertThat(after.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void theContextOfTheCallIsAttachedInEachPoll() throws Exception {
    io.grpc.Context.Key<String> key = io.grpc.Context.key("who");
    List<@Nullable String> seen = new ArrayList<>();
    rig.unary(
        (request, responses) ->
            io.grpc.Context.current()
                .withValue(key, "somebody")
                .run(
                    () ->
                        GrpcServer.unary(
                            rig.dispatcher(),
                            "task",
                            responses,
                            cx -> {
                              seen.add(key.get());
                              if (seen.size() < 3) {
                                cx.waker("itself").wake();
                                return Poll.pending();
                              }
                              return Poll.ready("seen");
                            })));
    assertThat(ask(rig.stub()).end()).isEqualTo(Status.OK);
    assertThat(seen).containsExactly("somebody", "somebody", "somebody");
    String outside = rig.await(cx -> Poll.ready(String.valueOf(key.get())));
    assertThat(outside).isEqualTo("null");
  }

  @Test
  void anObserverThatIsNotOfAServiceIsRefused() {
    StreamObserver<String> client = new Client();
    Pollable<Complete> nothing = cx -> Poll.ready();
    assertThatThrownBy(
            () ->
                GrpcServer.unary(
                    rig.dispatcher(), "task", client, cx -> nothing.poll(cx).map(c -> "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ServerCallStreamObserver");
  }
}
