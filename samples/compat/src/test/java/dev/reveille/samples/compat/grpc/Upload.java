package dev.reveille.samples.compat.grpc;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Pollable;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.Readiness;
import dev.reveille.combine.Pollables;
import dev.reveille.sync.OneShot;
import dev.reveille.sync.PollStream;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The client's end of {@link Numbers#COUNT}: sends while the server wants more. */
final class Upload {
  private record Started(ClientCallStreamObserver<Integer> call, Readiness writable) {}

  private final Channel channel;
  private final OneShot<Started> started = new OneShot<>("start");
  final AtomicInteger sent = new AtomicInteger();

  Upload(Channel channel) {
    this.channel = channel;
  }

  /** Ready with the server's answer, which may come before everything was sent. */
  Pollable<Integer> count(PollStream<Integer> numbers) {
    Pollable<Integer> answer = Callbacks.call("answer", this::start);
    Pollable<Integer> sending =
        Pollables.then(
            Pollables.then(started.receiver().receive(), start -> sending(numbers, start)),
            allSent -> Context::park); // the answer decides
    return Pollables.race(List.of(answer, sending));
  }

  private void start(Completer<Integer> completer) {
    ClientCalls.asyncClientStreamingCall(
        channel.newCall(Numbers.COUNT, CallOptions.DEFAULT),
        new ClientResponseObserver<Integer, Integer>() {
          @Override
          public void beforeStart(ClientCallStreamObserver<Integer> call) {
            completer.onCancel(() -> call.cancel("nobody waits for the answer", null));
            started
                .sender()
                .send(
                    new Started(
                        call,
                        Callbacks.readiness(
                            "the server to ask for more", call::isReady, call::setOnReadyHandler)));
          }

          @Override
          public void onNext(Integer answer) {
            completer.complete(answer);
          }

          @Override
          public void onError(Throwable failure) {
            completer.fail(failure);
          }

          @Override
          public void onCompleted() {
            // The answer came before; were there none, gRPC would have failed the call.
          }
        });
  }

  private Pollable<Complete> sending(PollStream<Integer> numbers, Started start) {
    Pollable<Complete> all =
        numbers
            .mapAsync(1, number -> Pollables.map(start.writable().ready(), ready -> number))
            .forEach(
                number -> {
                  sent.incrementAndGet();
                  start.call().onNext(number);
                });
    return Pollables.map(
        all,
        end -> {
          start.call().onCompleted();
          return end;
        });
  }
}
