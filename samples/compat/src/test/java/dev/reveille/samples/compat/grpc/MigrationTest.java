package dev.reveille.samples.compat.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.WorkGuard;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.UnaryMethod;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Half of the code has moved, the other half has not, and both use one channel. */
class MigrationTest {
  private static final int ROUNDS = 300;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** The callbacks of the client come on the loop, where legacy code wants them. */
  private InProcess serving(UnaryMethod<Integer, Integer> method) throws Exception {
    return new InProcess(
        service -> service.addMethod(Numbers.TWICE, ServerCalls.asyncUnaryCall(method)),
        loop.asExecutor());
  }

  private static void twice(int number, StreamObserver<Integer> answer) {
    answer.onNext(2 * number);
    answer.onCompleted();
  }

  /** A unary call as a pollable: one element is the value, and who gives up cancels the call. */
  private static Pollable<Integer> twice(Channel channel, CallOptions options, int number) {
    return Callbacks.callWithHandle(
        "twice " + number,
        completer -> {
          ClientCall<Integer, Integer> call = channel.newCall(Numbers.TWICE, options);
          ClientCalls.asyncUnaryCall(call, number, observer(completer::complete, completer::fail));
          return call;
        },
        call -> call.cancel("nobody waits for the answer", null));
  }

  private interface Sink<V> {
    Object take(V value);
  }

  private static StreamObserver<Integer> observer(
      Sink<Integer> onValue, Sink<? super Throwable> onFailure) {
    return new StreamObserver<>() {
      @Override
      public void onNext(Integer value) {
        onValue.take(value);
      }

      @Override
      public void onError(Throwable failure) {
        onFailure.take(failure);
      }

      @Override
      public void onCompleted() {
        // The value has come before.
      }
    };
  }

  // ------------------------------------------------------------------ one call

  @Test
  void aUnaryCallIsReadyWithItsOneElement() throws Exception {
    try (InProcess grpc = serving(MigrationTest::twice)) {
      assertThat(loop.runUntil(twice(grpc.channel, CallOptions.DEFAULT, 21)).value()).isEqualTo(42);
    }
  }

  @Test
  void aUnaryCallThatFailsThrowsItsStatus() throws Exception {
    try (InProcess grpc =
        serving((number, answer) -> answer.onError(Status.NOT_FOUND.asRuntimeException()))) {
      assertThatThrownBy(() -> loop.runUntil(twice(grpc.channel, CallOptions.DEFAULT, 1)))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }
  }

  @Test
  void aTaskThatIsCancelledCancelsItsCall() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    try (InProcess grpc =
        serving(
            (number, answer) -> {
              ((ServerCallStreamObserver<Integer>) answer).setOnCancelHandler(cancelled::countDown);
              asked.countDown(); // and never answered
            })) {
      JoinHandle<Integer> waiting = loop.spawn(twice(grpc.channel, CallOptions.DEFAULT, 1));
      loop.runUntilStalled();
      Rig.await(asked);

      waiting.cancel();
      loop.runUntilStalled();

      Rig.await(cancelled);
    }
  }

  /** gRPC tells its observer of the deadline on the executor that it was given: our loop. */
  @Test
  void aDeadlineOfGrpcIsDeadlineExceeded() throws Exception {
    try (InProcess grpc = serving((number, answer) -> {})) {
      CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.MILLISECONDS);

      assertThatThrownBy(() -> loop.runUntil(twice(grpc.channel, soon, 1)))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }
  }

  // ------------------------------------------------------------------ old and new

  /** No lock guards the list: one loop is what they have in common. */
  @Test
  void theOldCallerTheNewOneAndRunnablesShareAChannelAndAThread() throws Exception {
    AtomicInteger served = new AtomicInteger();
    Set<Thread> threads = new HashSet<>();
    List<String> turns = new ArrayList<>();
    try (InProcess grpc =
        serving(
            (number, answer) -> {
              served.incrementAndGet();
              twice(number, answer);
            })) {
      WorkGuard oldOneCalls = loop.workGuard();
      new OldCaller(grpc.channel, turns, threads, oldOneCalls).call(0);
      int[] sum = new int[1];
      loop.spawn(
          PollStream.generate(() -> twice(grpc.channel, CallOptions.DEFAULT, 1))
              .take(ROUNDS)
              .forEach(
                  answer -> {
                    threads.add(Thread.currentThread());
                    turns.add("task");
                    sum[0] += answer;
                  }));
      runnables(ROUNDS, turns, threads);

      assertThat(rig.driveToCompletion(loop).awaitOutcome()).isEqualTo(RunOutcome.IDLE);

      assertThat(sum[0]).isEqualTo(2 * ROUNDS);
    }
    assertThat(served).hasValue(2 * ROUNDS);
    assertThat(threads).hasSize(1).doesNotContain(Thread.currentThread());
    assertThat(turns).hasSize(3 * ROUNDS);
    for (String kind : List.of("legacy", "task", "runnable")) {
      assertThat(Collections.frequency(turns, kind)).as(kind).isEqualTo(ROUNDS);
    }
  }

  /** Callback style: each answer makes the next call. */
  private record OldCaller(
      Channel channel, List<String> turns, Set<Thread> threads, WorkGuard guard) {
    void call(int number) {
      if (number == ROUNDS) {
        guard.close();
        return;
      }
      ClientCalls.asyncUnaryCall(
          channel.newCall(Numbers.TWICE, CallOptions.DEFAULT),
          number,
          observer(answer -> answered(number, answer), failure -> turns.add("failed: " + failure)));
    }

    private boolean answered(int number, int answer) {
      threads.add(Thread.currentThread());
      turns.add(answer == 2 * number ? "legacy" : "wrong: " + answer);
      call(number + 1);
      return true;
    }
  }

  private void runnables(int left, List<String> turns, Set<Thread> threads) {
    if (left > 0) {
      loop.post(
          () -> {
            threads.add(Thread.currentThread());
            turns.add("runnable");
            runnables(left - 1, turns, threads);
          });
    }
  }
}
