package dev.reveille.samples.compat.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import dev.reveille.sync.Semaphore;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.ClientStreamingMethod;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The task sends as much as the server asks for, and each side hears when the other gives up. */
class ClientStreamTest {
  private static final int WINDOW = 4;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final RunnableDispatcher serverLoop = rig.onSystemClock();

  @BeforeEach
  void driveTheServer() {
    rig.drive(serverLoop);
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static InProcess serving(ClientStreamingMethod<Integer, Integer> method)
      throws Exception {
    return new InProcess(
        service -> service.addMethod(Numbers.COUNT, ServerCalls.asyncClientStreamingCall(method)));
  }

  private static PollStream<Integer> below(int limit) {
    return PollStream.from(() -> IntStream.range(0, limit).boxed().iterator());
  }

  private Sink counting() {
    return new Sink(
        serverLoop, WINDOW, numbers -> Pollables.map(numbers.count(), Math::toIntExact));
  }

  @Test
  void everythingThatIsSentArrivesBeforeTheAnswer() throws Exception {
    try (InProcess grpc = serving(counting()::serve)) {
      assertThat(loop.runUntil(new Upload(grpc.channel).count(below(2_000))).value())
          .isEqualTo(2_000);
    }
  }

  @Test
  void anUploadOfNothingIsAnswered() throws Exception {
    try (InProcess grpc = serving(counting()::serve)) {
      assertThat(loop.runUntil(new Upload(grpc.channel).count(below(0))).value()).isZero();
    }
  }

  @Test
  void aSlowServerBoundsWhatTheTaskSends() throws Exception {
    Semaphore steps = new Semaphore(0);
    Sink sink =
        new Sink(
            serverLoop,
            WINDOW,
            numbers ->
                Pollables.map(
                    numbers
                        .mapAsync(1, number -> Pollables.map(steps.acquire(), permit -> number))
                        .count(),
                    Math::toIntExact));
    try (InProcess grpc = serving(sink::serve)) {
      Upload upload = new Upload(grpc.channel);
      JoinHandle<Integer> counted = loop.spawn("upload", upload.count(below(60)));
      rig.drive(loop);

      for (int done = 0; done <= 50; done++) {
        int allowed = done + 1 + WINDOW; // one more is in the hands of the server's task
        Rig.awaitState("the task uses what it may", () -> upload.sent.get() >= allowed);
        assertThat(upload.sent).hasValue(allowed);
        steps.release(1);
      }
      steps.release(10);

      assertThat(counted.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo(60);
    }
  }

  @Test
  void aTaskThatIsCancelledFailsTheStreamAtTheServer() throws Exception {
    Sink sink = counting();
    try (InProcess grpc = serving(sink::serve)) {
      Upload upload = new Upload(grpc.channel);
      JoinHandle<Integer> counted = loop.spawn(upload.count(below(Integer.MAX_VALUE)));
      Rig.awaitState(
          "some were sent",
          () -> {
            loop.runUntilStalled();
            return sink.received.get() > 50;
          });

      counted.cancel();
      loop.runToCompletion();

      assertThatThrownBy(() -> sink.outcome.orTimeout(20, TimeUnit.SECONDS).join())
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED));
    }
  }

  @Test
  void aServerThatFailsStopsTheTaskThatSends() throws Exception {
    Sink sink =
        new Sink(
            serverLoop,
            WINDOW,
            numbers ->
                Pollables.then(
                    numbers.take(10).count(),
                    ten ->
                        Pollables.failed(
                            Status.RESOURCE_EXHAUSTED.withDescription("ten").asException())));
    try (InProcess grpc = serving(sink::serve)) {
      Upload upload = new Upload(grpc.channel);
      Pollable<Integer> counted = upload.count(below(Integer.MAX_VALUE));

      assertThatThrownBy(() -> loop.runUntil(counted))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(e.getStatus().getDescription()).isEqualTo("ten");
              });
      assertThat(upload.sent.get()).isBetween(10, 10 + WINDOW);
    }
  }

  @Test
  void aServerThatAnswersEarlyStopsTheTaskThatSends() throws Exception {
    Sink sink =
        new Sink(
            serverLoop,
            WINDOW,
            numbers -> Pollables.map(numbers.take(7).count(), Math::toIntExact));
    try (InProcess grpc = serving(sink::serve)) {
      Upload upload = new Upload(grpc.channel);

      assertThat(loop.runUntil(upload.count(below(Integer.MAX_VALUE))).value()).isEqualTo(7);
      assertThat(upload.sent.get()).isBetween(7, 7 + WINDOW);
      assertThat(loop.snapshot().tasks()).isEmpty();
    }
  }
}
