package dev.reveille.samples.compat.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.grpc.GrpcCalls;
import dev.reveille.callbacks.grpc.GrpcServer;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import dev.reveille.sync.Semaphore;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The adapters of the shim against servers and clients in the old style, and against each other.
 */
class AdaptersTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final RunnableDispatcher serverLoop = rig.onSystemClock();
  private final AtomicInteger received = new AtomicInteger();
  private final AtomicInteger sent = new AtomicInteger();
  private final CountDownLatch serverCancelled = new CountDownLatch(1);

  @BeforeEach
  void driveTheServer() {
    rig.drive(serverLoop);
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ the server: tasks

  /** All four methods, each call a task of the server's loop. */
  private ServerServiceDefinition.Builder tasks(ServerServiceDefinition.Builder service) {
    return service
        .addMethod(
            Numbers.TWICE,
            ServerCalls.<Integer, Integer>asyncUnaryCall(
                (number, answer) ->
                    GrpcServer.unary(serverLoop, "twice", answer, Pollables.ready(2 * number))))
        .addMethod(
            Numbers.BELOW,
            ServerCalls.<Integer, Integer>asyncServerStreamingCall(
                (limit, answers) ->
                    GrpcServer.serverStreaming(serverLoop, "below", answers, source(limit))))
        .addMethod(
            Numbers.COUNT,
            ServerCalls.<Integer, Integer>asyncClientStreamingCall(
                answer ->
                    GrpcServer.<Integer, Integer>clientStreaming(
                        serverLoop,
                        "count",
                        answer,
                        numbers -> Pollables.map(numbers.count(), Math::toIntExact))))
        .addMethod(
            Numbers.TWICE_EACH,
            ServerCalls.<Integer, Integer>asyncBidiStreamingCall(
                answers ->
                    GrpcServer.<Integer, Integer>bidi(
                        serverLoop,
                        "twice each",
                        answers,
                        numbers ->
                            numbers.onEach(n -> received.incrementAndGet()).map(n -> 2 * n))));
  }

  /** Counts what was taken from it, and hears of its end. */
  private PollStream<Integer> source(int limit) {
    PollStream<Integer> numbers =
        PollStream.from(() -> IntStream.range(0, limit).boxed().iterator());
    return new PollStream<>() {
      @Override
      public Poll<@Nullable Integer> pollNext(Context cx) throws Exception {
        Poll<@Nullable Integer> next = numbers.pollNext(cx);
        if (next.isReady() && next.value() != null) {
          sent.incrementAndGet();
        }
        return next;
      }

      @Override
      public void cancel() {
        numbers.cancel();
        serverCancelled.countDown();
      }
    };
  }

  // ------------------------------------------------------------------ the client: tasks

  private static PollStream<Integer> below(Channel channel, int limit, int prefetch) {
    return GrpcCalls.serverStreaming(
        "below",
        prefetch,
        observer ->
            ClientCalls.asyncServerStreamingCall(
                channel.newCall(Numbers.BELOW, CallOptions.DEFAULT), limit, observer));
  }

  private static PollStream<Integer> twiceEach(Channel channel, PollStream<Integer> numbers) {
    return GrpcCalls.bidi(
        "twice each",
        (StreamObserver<Integer> observer) ->
            ClientCalls.asyncBidiStreamingCall(
                channel.newCall(Numbers.TWICE_EACH, CallOptions.DEFAULT), observer),
        numbers);
  }

  private static PollStream<Integer> numbers(int limit) {
    return PollStream.from(() -> IntStream.range(0, limit).boxed().iterator());
  }

  private <T> T result(Pollable<T> call) throws Exception {
    return loop.runUntil(call).value();
  }

  // ------------------------------------------------------------------ tests

  @Test
  void tasksAtBothEndsOfEachKindOfCall() throws Exception {
    try (InProcess grpc = new InProcess(this::tasks)) {
      Channel channel = grpc.channel;
      assertThat(
              result(
                  GrpcCalls.<Integer>unary(
                      "twice",
                      observer ->
                          ClientCalls.asyncUnaryCall(
                              channel.newCall(Numbers.TWICE, CallOptions.DEFAULT), 21, observer))))
          .isEqualTo(42);
      assertThat(result(below(channel, 500, 5).toList()))
          .isEqualTo(IntStream.range(0, 500).boxed().toList());
      assertThat(
              result(
                  GrpcCalls.clientStreaming(
                      "count",
                      (StreamObserver<Integer> observer) ->
                          ClientCalls.asyncClientStreamingCall(
                              channel.newCall(Numbers.COUNT, CallOptions.DEFAULT), observer),
                      numbers(500))))
          .isEqualTo(500);
      assertThat(result(twiceEach(channel, numbers(500)).toList()))
          .isEqualTo(IntStream.range(0, 500).map(n -> 2 * n).boxed().toList());
    }
  }

  @Test
  void aSlowConsumerBoundsWhatATaskAtTheServerMakes() throws Exception {
    int prefetch = 4;
    try (InProcess grpc = new InProcess(this::tasks)) {
      PollStream<Integer> stream = below(grpc.channel, 1_000_000, prefetch);
      for (int taken = 1; taken <= 100; taken++) {
        assertThat(result(stream.next())).isEqualTo(taken - 1);
        assertThat(sent.get()).isLessThanOrEqualTo(taken + prefetch);
      }
      loop.post(stream::cancel);
      loop.runUntilStalled();

      Rig.await(serverCancelled);
      assertThat(sent.get()).isLessThanOrEqualTo(100 + prefetch);
    }
  }

  /** Both directions: who does not take the answers is soon not asked for requests any more. */
  @Test
  void aSlowConsumerOfAnswersBoundsTheRequestsOfItsOwnCall() throws Exception {
    Semaphore steps = new Semaphore(0);
    AtomicInteger asked = new AtomicInteger();
    try (InProcess grpc = new InProcess(this::tasks)) {
      JoinHandle<Complete> consumer =
          loop.spawn(
              twiceEach(grpc.channel, numbers(1_000_000).onEach(n -> asked.incrementAndGet()))
                  .mapAsync(1, number -> Pollables.map(steps.acquire(), permit -> number))
                  .forEach(number -> {}));
      rig.drive(loop);
      for (int round = 0; round < 20; round++) {
        int before = asked.get();
        steps.release(50);
        Rig.awaitState("fifty more", () -> asked.get() >= before + 30);
      }
      // Prefetched answers, answers that wait for readiness, prefetched requests: some dozens.
      assertThat(asked.get()).isLessThanOrEqualTo(20 * 50 + 100);
      consumer.cancel();
      Rig.awaitState("the end of the call", consumer::isDone);
    }
  }

  @Test
  void aTaskThatIsCancelledCancelsTheTaskAtTheServer() throws Exception {
    try (InProcess grpc = new InProcess(this::tasks)) {
      List<Integer> seen = new ArrayList<>();
      JoinHandle<Complete> consumer =
          loop.spawn(below(grpc.channel, Integer.MAX_VALUE, 8).forEach(seen::add));
      Rig.awaitState(
          "a hundred elements",
          () -> {
            loop.runUntilStalled();
            return seen.size() >= 100;
          });

      consumer.cancel();
      loop.runToCompletion();

      Rig.await(serverCancelled);
      Rig.awaitState("the server's loop is idle", () -> serverLoop.snapshot().tasks().isEmpty());
    }
  }

  @Test
  void aTaskAtTheServerThatFailsIsTheStatusOfTheCall() throws Exception {
    try (InProcess grpc =
        new InProcess(
            service ->
                service.addMethod(
                    Numbers.BELOW,
                    ServerCalls.<Integer, Integer>asyncServerStreamingCall(
                        (limit, answers) ->
                            GrpcServer.serverStreaming(
                                serverLoop,
                                "below",
                                answers,
                                PollStream.concat(
                                    List.of(
                                        numbers(limit),
                                        PollStream.<Integer>failed(
                                            Status.DATA_LOSS
                                                .withDescription("on purpose")
                                                .asRuntimeException())))))))) {
      List<Integer> seen = new ArrayList<>();

      assertThatThrownBy(() -> result(below(grpc.channel, 5, 2).forEach(seen::add)))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DATA_LOSS);
                assertThat(e.getStatus().getDescription()).isEqualTo("on purpose");
              });
      assertThat(seen).containsExactly(0, 1, 2, 3, 4);
    }
  }

  // ------------------------------------------------------------------ old and new

  /** The server has not moved: its callbacks do not notice who asks. */
  @Test
  void aTaskIsTheClientOfAServerInTheOldStyle() throws Exception {
    Source source = new Source();
    int prefetch = 3;
    try (InProcess grpc =
        new InProcess(
            service ->
                service.addMethod(
                    Numbers.BELOW, ServerCalls.asyncServerStreamingCall(source::legacy)))) {
      PollStream<Integer> stream = below(grpc.channel, 1_000_000, prefetch);
      for (int taken = 1; taken <= 100; taken++) {
        assertThat(result(stream.next())).isEqualTo(taken - 1);
        assertThat(source.sent.get()).isLessThanOrEqualTo(taken + prefetch);
      }
      loop.post(stream::cancel);
      loop.runUntilStalled();

      Rig.await(source.cancelled);
    }
  }

  /** Clients that have not moved, and one that has, on one channel to a server that has. */
  @Test
  void oldCallersAndNewOnesShareAChannel() throws Exception {
    int calls = 100;
    try (InProcess grpc = new InProcess(this::tasks)) {
      List<CompletableFuture<List<Integer>>> old = new ArrayList<>();
      List<JoinHandle<List<Integer>>> now = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        old.add(oldCaller(grpc.channel, Numbers.BELOW, i));
        now.add(loop.spawn(below(grpc.channel, i, 4).toList()));
      }
      rig.drive(loop);
      for (int i = 0; i < calls; i++) {
        List<Integer> expected = IntStream.range(0, i).boxed().toList();
        assertThat(old.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(expected);
        assertThat(now.get(i).toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo(expected);
      }
    }
  }

  private static CompletableFuture<List<Integer>> oldCaller(
      Channel channel, MethodDescriptor<Integer, Integer> method, int limit) {
    CompletableFuture<List<Integer>> end = new CompletableFuture<>();
    List<Integer> seen = new ArrayList<>();
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(method, CallOptions.DEFAULT),
        limit,
        new StreamObserver<>() {
          @Override
          public void onNext(Integer value) {
            seen.add(value);
          }

          @Override
          public void onError(Throwable failure) {
            end.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {
            end.complete(seen);
          }
        });
    return end;
  }
}
