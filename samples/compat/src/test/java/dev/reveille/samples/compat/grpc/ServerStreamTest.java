package dev.reveille.samples.compat.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
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
import io.grpc.stub.ServerCalls.ServerStreamingMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server sends as much as the task asks for, and stops when the task does. */
class ServerStreamTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final Source source = new Source();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static InProcess serving(ServerStreamingMethod<Integer, Integer> method)
      throws Exception {
    return new InProcess(
        service -> service.addMethod(Numbers.BELOW, ServerCalls.asyncServerStreamingCall(method)));
  }

  private <T> T result(Pollable<T> call) throws Exception {
    return loop.runUntil(call).value();
  }

  private static List<Integer> below(int limit) {
    return IntStream.range(0, limit).boxed().toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void allElementsComeInTheirOrderWhateverTheWindow(int window) throws Exception {
    try (InProcess grpc = serving(source::legacy)) {
      assertThat(result(Responses.below(grpc.channel, 1_000, window).toList()))
          .isEqualTo(below(1_000));
    }
  }

  @Test
  void aStreamWithoutElementsEnds() throws Exception {
    try (InProcess grpc = serving((limit, responses) -> responses.onCompleted())) {
      assertThat(result(Responses.below(grpc.channel, 0, 4).toList())).isEmpty();
    }
  }

  @Test
  void aSlowConsumerBoundsWhatThePeerSends() throws Exception {
    int window = 4;
    try (InProcess grpc = serving(source::legacy)) {
      PollStream<Integer> numbers = Responses.below(grpc.channel, 1_000_000, window);
      for (int taken = 1; taken <= 50; taken++) {
        assertThat(result(numbers.next())).isEqualTo(taken - 1);
        int allowed = taken + window;
        Rig.awaitState("the peer uses what it may", () -> source.sent.get() >= allowed);
        assertThat(source.sent).hasValue(allowed);
      }
      loop.post(numbers::cancel);
      loop.runUntilStalled();
      Rig.await(source.cancelled);
      assertThat(source.sent).hasValue(50 + window);
    }
  }

  @Test
  void aSourceAtItsHighMarkPausesAndGoesOnAtTheLowOne() throws Exception {
    PausingResponses responses = new PausingResponses();
    Semaphore steps = new Semaphore(0);
    AtomicInteger taken = new AtomicInteger();
    try (InProcess grpc = serving(source::legacy)) {
      JoinHandle<Complete> consumer =
          loop.spawn(
              responses
                  .below(grpc.channel, Integer.MAX_VALUE, 2, 16)
                  .mapAsync(1, number -> Pollables.map(steps.acquire(), permit -> number))
                  .forEach(number -> assertThat(number).isEqualTo(taken.getAndIncrement())));
      rig.drive(loop);
      for (int round = 1; round <= 5; round++) {
        int expected = round;
        Rig.awaitState("a pause", () -> responses.pauses.get() == expected && responses.isSilent());
        assertThat(responses.resumes).hasValue(round - 1);
        int sent = source.sent.get();
        assertThat(sent - taken.get()).isGreaterThanOrEqualTo(16);

        steps.release(sent - taken.get()); // all that is there

        Rig.awaitState("more than that", () -> source.sent.get() > sent);
      }
      consumer.cancel();
      Rig.await(source.cancelled);
    }
  }

  /** The server is a task, too: its loop sends only when the consumer's has taken something. */
  @Test
  void twoTasksAreInStepAcrossTheCall() throws Exception {
    int window = 3;
    RunnableDispatcher serverLoop = rig.onSystemClock();
    rig.drive(serverLoop);
    AtomicInteger furthestAhead = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    try (InProcess grpc =
        serving((limit, responses) -> source.task(serverLoop, limit, responses))) {
      PollStream<Integer> numbers =
          Responses.below(grpc.channel, 2_000, window)
              .onEach(
                  number -> {
                    // An element that was taken was asked for again before it came to here.
                    int ahead = source.sent.get() - taken.incrementAndGet();
                    furthestAhead.accumulateAndGet(ahead, Math::max);
                  });

      assertThat(result(numbers.toList())).isEqualTo(below(2_000));
    }
    assertThat(source.sent).hasValue(2_000);
    assertThat(furthestAhead.get()).isBetween(0, window);
  }

  @Test
  void aTaskThatIsCancelledCancelsTheTaskAtTheServer() throws Exception {
    RunnableDispatcher serverLoop = rig.onSystemClock();
    rig.drive(serverLoop);
    try (InProcess grpc =
        serving((limit, responses) -> source.task(serverLoop, limit, responses))) {
      List<Integer> seen = new ArrayList<>();
      JoinHandle<Complete> consumer =
          loop.spawn(
              "consumer", Responses.below(grpc.channel, Integer.MAX_VALUE, 8).forEach(seen::add));
      Rig.awaitState(
          "a hundred elements",
          () -> {
            loop.runUntilStalled();
            return seen.size() >= 100;
          });

      consumer.cancel();
      loop.runToCompletion();

      Rig.await(source.cancelled);
      Rig.awaitState("the server's loop is idle", () -> serverLoop.snapshot().tasks().isEmpty());
    }
  }

  @Test
  void aServerThatFailsFailsTheStreamAfterWhatItSent() throws Exception {
    try (InProcess grpc = serving(source::failing)) {
      List<Integer> seen = new ArrayList<>();

      assertThatThrownBy(() -> result(Responses.below(grpc.channel, 5, 8).forEach(seen::add)))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DATA_LOSS);
                assertThat(e.getStatus().getDescription()).isEqualTo("on purpose");
              });
      assertThat(seen).isEqualTo(below(5));
    }
  }

  /** Such a call fails before anything is sent, on a thread of gRPC. */
  @Test
  void aCallOnAChannelThatIsShutDownIsUnavailable() throws Exception {
    try (InProcess grpc = serving(source::legacy)) {
      grpc.channel.shutdownNow();

      assertThatThrownBy(() -> result(Responses.below(grpc.channel, 5, 8).toList()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }
  }
}
