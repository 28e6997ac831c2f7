package dev.reveille.callbacks.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.ledger.MigrationLedger;
import dev.reveille.contract.Rig;
import dev.reveille.sync.AbstractPollStream;
import dev.reveille.sync.PollStream;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of a gRPC that does, on the thread of the loop, exactly what the test says. */
class GrpcSinkTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.dispatcher();
  private final Call call = new Call();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static final class Call extends ClientCallStreamObserver<String> {
    final List<String> sent = new ArrayList<>();

    /** Answers to come, then it is ready for ever. */
    final Deque<Boolean> readiness = new ArrayDeque<>();

    Runnable onReady = () -> {};
    Runnable onMessage = () -> {};
    Runnable onRequest = () -> {};

    /** The method of a stub. */
    @SuppressWarnings("unchecked") // as gRPC does it
    StreamObserver<String> begin(StreamObserver<String> responses) {
      ((ClientResponseObserver<String, String>) responses).beforeStart(this);
      return this;
    }

    @Override
    public boolean isReady() {
      Boolean answer = readiness.poll();
      return answer == null || answer;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void onNext(String message) {
      sent.add(message);
      onMessage.run();
    }

    @Override
    public void request(int count) {
      for (int i = 0; i < count; i++) {
        onRequest.run();
      }
    }

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {}

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequestWithInitial(int request) {}

    @Override
    public void setMessageCompression(boolean enable) {}
  }

  /** How much there is of what has no end. */
  private static final int MANY = 20_000;

  private static final class Endless extends AbstractPollStream<String> {
    private int given;

    Endless() {
      super("endless");
    }

    @Override
    protected Poll<@Nullable String> doPollNext(Context cx) {
      if (given == MANY) {
        return cx.park();
      }
      return cx.tryProceed() ? element("request " + ++given) : Poll.pending();
    }
  }

  @Test
  void aResponseIsNotHeldUpByRequestsWithoutEnd() {
    List<StreamObserver<String>> peer = new ArrayList<>();
    PollStream<String> responses =
        GrpcCalls.bidi(
            "chat",
            (StreamObserver<String> observer) -> {
              peer.add(observer);
              return call.begin(observer);
            },
            new Endless());
    call.onMessage =
        () -> {
          if (call.sent.size() == 1) {
            peer.get(0).onNext("answer");
          }
        };
    List<Integer> sentBefore = new ArrayList<>();
    dispatcher.spawn("chat", responses.forEach(response -> sentBefore.add(call.sent.size())));
    dispatcher.runUntilStalled();
    assertThat(sentBefore).singleElement().satisfies(n -> assertThat(n).isLessThan(MANY));
  }

  @Test
  void aRequestIsNotHeldUpByResponsesWithoutEnd() {
    List<StreamObserver<String>> peer = new ArrayList<>();
    PollStream<String> responses =
        GrpcCalls.bidi(
            "chat",
            (StreamObserver<String> observer) -> {
              peer.add(observer);
              call.begin(observer);
              for (int i = 0; i < Inbound.PREFETCH; i++) {
                observer.onNext("response");
              }
              return call;
            },
            PollStream.from(List.of("first", "second")));
    call.readiness.addAll(List.of(false, false, false, false)); // not in the first poll
    List<String> taken = new ArrayList<>();
    call.onRequest =
        () -> {
          if (taken.size() < MANY) {
            peer.get(0).onNext("response");
          }
        };
    List<Integer> takenBefore = new ArrayList<>();
    call.onMessage = () -> takenBefore.add(taken.size());
    dispatcher.spawn("chat", responses.forEach(taken::add));
    dispatcher.runUntilStalled();
    assertThat(takenBefore).hasSize(2).allSatisfy(n -> assertThat(n).isLessThan(MANY));
  }

  @Test
  void theLedgerHearsOfACallOfBothDirectionsThatDidNotBegin() {
    try (MigrationLedger ledger = MigrationLedger.attach(dispatcher)) {
      PollStream<String> responses =
          GrpcCalls.bidi(
              "chat",
              (StreamObserver<String> observer) -> {
                throw new IllegalStateException("no call");
              },
              PollStream.from(List.of("first")));
      assertThatThrownBy(() -> dispatcher.runUntil(responses.next())).hasMessage("no call");
      assertThat(ledger.snapshot().site("chat").failed()).isOne();
    }
  }

  @Test
  void aMessageForWhichTheCallWasReadyIsSent() throws Exception {
    GrpcCall<String, String> open = GrpcCalls.open("chat", call::begin);
    call.readiness.addAll(List.of(true, false)); // as a call that is retried
    JoinHandle<Boolean> sent = dispatcher.spawn(open.requests().send("message"));
    assertThat(dispatcher.runUntil(sent.join()).value()).isTrue();
    assertThat(call.sent).containsExactly("message");
  }
}
